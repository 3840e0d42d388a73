package stanza

import (
	"reflect"
	"testing"
)

func TestRSM(t *testing.T) {
	const ns = `<set xmlns="http://jabber.org/protocol/rsm">`
	for _, c := range []struct {
		name string
		xml  string
		rsm  RSM
	}{
		{"first page", ns + `<max>10</max></set>`, RSM{Max: 10, Index: -1, Count: -1}},
		{"next page", ns + `<max>10</max><after>x</after></set>`, RSM{Max: 10, After: "x", Index: -1, Count: -1}},
		{"previous page", ns + `<max>10</max><before>x</before></set>`, RSM{Max: 10, Before: "x", HasBefore: true, Index: -1, Count: -1}},
		{"last page", ns + `<max>10</max><before/></set>`, RSM{Max: 10, HasBefore: true, Index: -1, Count: -1}},
		{"count only", ns + `<max>0</max></set>`, RSM{CountOnly: true, Index: -1, Count: -1}},
		{"nothing asked", `<set xmlns="http://jabber.org/protocol/rsm"/>`, RSM{Index: -1, Count: -1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.rsm.Element().XML(); got != c.xml {
				t.Errorf("got  %s\nwant %s", got, c.xml)
			}
			if got := ParseRSM(parse(t, c.xml)); !reflect.DeepEqual(*got, c.rsm) {
				t.Errorf("got  %+v\nwant %+v", *got, c.rsm)
			}
		})
	}
	for _, c := range []struct {
		name string
		xml  string
		rsm  RSM
	}{
		{"a page", ns + `<first index="0">a</first><last>b</last><count>800</count></set>`, RSM{First: "a", Last: "b", Count: 800}},
		{"a page, little said", ns + `<first>a</first><last>b</last></set>`, RSM{First: "a", Last: "b", Index: -1, Count: -1}},
		{"an empty page", ns + `<count>0</count></set>`, RSM{Index: -1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.rsm.Result().XML(); got != c.xml {
				t.Errorf("got  %s\nwant %s", got, c.xml)
			}
			if got := ParseRSM(New(NSPubSub, "pubsub").Add(parse(t, c.xml))); !reflect.DeepEqual(*got, c.rsm) {
				t.Errorf("got  %+v\nwant %+v", *got, c.rsm)
			}
		})
	}
}

func TestRSMOdd(t *testing.T) {
	r := ParseRSM(parse(t, `<set xmlns="http://jabber.org/protocol/rsm"><max>-3</max><first index="x">a</first><count>99999999999999999999</count></set>`))
	if want := (RSM{First: "a", Index: -1, Count: -1}); !reflect.DeepEqual(*r, want) {
		t.Errorf("got %+v, want %+v", *r, want)
	}
	var none *RSM
	if ParseRSM(nil) != nil || ParseRSM(New(NSPubSub, "pubsub")) != nil || none.Element() != nil || none.Result() != nil {
		t.Error("a page out of nothing")
	}
}
