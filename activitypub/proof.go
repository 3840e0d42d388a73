package activitypub

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/gowebpki/jcs"
	"github.com/mr-tron/base58"

	"isthmus/activitypub/vocab"
)

// Integrity proofs (FEP-8b32): signatures that stay with an activity when others
// pass it on. Of the suites there is one that needs no JSON-LD: eddsa-jcs-2022.

const (
	proofType    = "DataIntegrityProof"
	proofSuite   = "eddsa-jcs-2022"
	proofPurpose = "assertionMethod"
	// maxProofAge bounds how long a proof is worth something without asking its
	// origin: what is passed on comes soon, and what was deleted there meanwhile must
	// not come back. Mastodon tries for two days.
	maxProofAge = 48 * time.Hour
)

// errProof is a proof that proves nothing here. The activity is then as good as one
// without.
var errProof = errors.New("activitypub: no valid proof")

// AddProof gives an activity of ours its proof, made with k, dated at. Equal input
// gives equal output.
func AddProof(body []byte, k *Key, at time.Time) ([]byte, error) {
	doc, err := vocab.Read(body, vocab.DefaultLimits)
	if err != nil {
		return nil, fmt.Errorf("activitypub: proof: %w", err)
	}
	doc["@context"] = vocab.WithProofContext(doc["@context"])
	proof := map[string]any{
		"@context": doc["@context"], "type": proofType, "cryptosuite": proofSuite, "proofPurpose": proofPurpose,
		"verificationMethod": k.ProofID(), "created": at.UTC().Format(time.RFC3339),
	}
	sum, err := proofSum(doc, proof)
	if err != nil {
		return nil, fmt.Errorf("activitypub: proof: %w", err)
	}
	proof["proofValue"] = multibase(ed25519.Sign(k.proof, sum))
	doc["proof"] = proof
	return encode(doc)
}

// proofSum is what is signed: the hash of the options and that of the document
// without its proof, both in canonical form (FEP-8b32, vc-di-eddsa §3.3.4).
func proofSum(doc vocab.Doc, options map[string]any) ([]byte, error) {
	bare := maps.Clone(doc)
	delete(bare, "proof")
	var sum []byte
	for _, v := range []map[string]any{options, bare} {
		text, err := canonical(v)
		if err != nil {
			return nil, err
		}
		one := sha256.Sum256(text)
		sum = append(sum, one[:]...)
	}
	return sum, nil
}

// canonical is RFC 8785.
func canonical(v any) ([]byte, error) {
	text, err := encode(v)
	if err != nil {
		return nil, err
	}
	return jcs.Transform(text)
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// VerifyProof is nil when an activity carries a proof of its actor that is right and not
// old; errProof, or ErrBusy when the key cannot be had just now.
func (v *Verifier) VerifyProof(ctx context.Context, doc vocab.Doc, actor string) error {
	bad := func(why string) error { return fmt.Errorf("%w: %s", errProof, why) }
	proof, ok := doc.One("proof")
	if !ok || len(doc.List("proof")) != 1 || !proof.Is(proofType) {
		return bad("none that is known")
	}
	method := proof.Str("verificationMethod")
	if proof.Str("cryptosuite") != proofSuite || proof.Str("proofPurpose") != proofPurpose || method == "" {
		return bad("of another kind")
	}
	created := proof.Time("created")
	if age := v.now().Sub(created); created.IsZero() || age > maxProofAge || age < -maxAhead {
		return bad("too old, or not dated")
	}
	if expires := proof.Time("expires"); !expires.IsZero() && v.now().After(expires) {
		return bad("expired")
	}
	value, ok := strings.CutPrefix(proof.Str("proofValue"), "z")
	if !ok || len(value) > 128 {
		return bad("its value is not base58btc")
	}
	signature, err := base58.Decode(value)
	if err != nil || !sameHost(method, actor) {
		return bad("unreadable, or with a key of another host")
	}
	key, _, err := v.key(ctx, method)
	if errors.Is(err, ErrBusy) {
		return err
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errProof, err)
	}
	public, ok := key.public.(ed25519.PublicKey)
	if !ok || key.Owner != actor {
		return bad("the key is not the actor's, or no Ed25519")
	}
	sums, err := sumsOf(doc, proof)
	if err != nil {
		return fmt.Errorf("%w: %w", errProof, err)
	}
	for _, sum := range sums {
		if ed25519.Verify(public, sum, signature) {
			return nil
		}
	}
	return bad("wrong signature")
}

// sumsOf gives what may have been signed. The options hold the document's context
// (vc-di-eddsa §3.3.1); Fedify signs it without writing it there. A context that is
// not the document's would give its words another meaning.
func sumsOf(doc, proof vocab.Doc) ([][]byte, error) {
	options := maps.Clone(map[string]any(proof))
	delete(options, "proofValue")
	with, there := options["@context"]
	if there {
		mine, err := canonical(with)
		if err != nil {
			return nil, err
		}
		whole, err := canonical(doc["@context"])
		if err != nil || !bytes.Equal(mine, whole) {
			return nil, errors.Join(errors.New("its context is another"), err)
		}
	}
	bare, err := proofSum(doc, options)
	if err != nil || there {
		return [][]byte{bare}, err
	}
	options["@context"] = doc["@context"]
	sum, err := proofSum(doc, options)
	return [][]byte{sum, bare}, err
}
