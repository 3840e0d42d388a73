// Lets this process resolve the host names of the test lab: whoever connects
// (fetch does, through net.connect) asks dns.lookup, and dns.lookup asks the
// lab's name server. Import it before anything that opens a connection.
import dns from "node:dns";
import net from "node:net";

const server = process.env.PEER_DNS;
if (server) {
  const resolver = new dns.Resolver({ timeout: 2000, tries: 3 });
  resolver.setServers([server]);
  dns.lookup = (host, options, done) => {
    if (typeof options === "function") [options, done] = [{}, options];
    if (typeof options === "number") options = { family: options };
    const answer = (addresses) =>
      options?.all
        ? done(null, addresses.map((address) => ({ address, family: 4 })))
        : done(null, addresses[0], 4);
    if (net.isIP(host)) return process.nextTick(answer, [host]);
    if (host === "localhost") return process.nextTick(answer, ["127.0.0.1"]);
    resolver.resolve4(host, (err, addresses) => err ? done(err) : answer(addresses));
  };
}
