package db

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
)

// A lone activity pays for one commit, many at once share it (performance.md §8).
func BenchmarkAddInbound(b *testing.B) {
	var n atomic.Int64
	add := func(b *testing.B, s *sample) {
		i := n.Add(1)
		if _, err := s.AddInbound(context.Background(), Inbound{Activity: fmt.Sprint("https://peer.test/", i), Actor: fmt.Sprint("a", i%1000), Body: string(make([]byte, 2048))}); err != nil {
			b.Error(err)
		}
	}
	b.Run("alone", func(b *testing.B) {
		s := newSample(b)
		for b.Loop() {
			add(b, s)
		}
	})
	b.Run("64 callers", func(b *testing.B) {
		s := newSample(b)
		b.SetParallelism(32) // for each of two cores
		b.ResetTimer()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				add(b, s)
			}
		})
	})
}

// How many jobs there is room for is another number each time (see qClaimJobs).
func BenchmarkClaimJobs(b *testing.B) {
	s := newSample(b)
	for n := 0; b.Loop(); n++ {
		if _, err := s.ClaimJobs(context.Background(), n%2 == 0, 1, 2, 1+n%8); err != nil {
			b.Fatal(err)
		}
	}
}

// What is asked for again is remembered.
func BenchmarkBlogByHandle(b *testing.B) {
	s := newSample(b)
	for b.Loop() {
		if _, err := s.BlogByHandle(context.Background(), "alice"); err != nil {
			b.Fatal(err)
		}
	}
}
