package activitypub

import "net/http"

// mayRead asks who wants a document, where the admin wants to know (row S15):
// ErrSignature for who does not say, ErrForbidden for who is blocked. Pages for
// people are not meant, nor what everybody needs to check our own signatures.
func (s *server) mayRead(r *http.Request, id string, doc *Document) error {
	if !s.cfg.AuthorizedFetch || doc.Open || doc.HTMLURL != "" && !wantsObject(r, false) {
		return nil
	}
	doc.Private = true // the answer is for this asker
	if r.Header.Get(signatureHeader) == "" {
		return refuse(ErrSignature, "sign the request: this server shows documents only to who says who they are")
	}
	if err := s.checkHost(r); err != nil {
		return err
	}
	ctx := r.Context()
	c, err := precheck(r, s.verifier.scheme(), nil, s.verifier.now())
	if err != nil {
		return err
	}
	if s.handler.Unwanted(ctx, c.key(), stripFragment(c.key())) {
		return ErrForbidden
	}
	who, err := s.verifier.verify(ctx, r, c)
	if err != nil {
		return err
	}
	return s.handler.MayRead(ctx, id, who)
}
