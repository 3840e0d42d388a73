/** Documents served instead of Fedify's, path → {status, type, body}. */
export const documents = new Map();
