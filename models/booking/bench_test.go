package booking_test

import (
	"sync/atomic"
	"testing"

	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/modeltest"
)

// BenchmarkRequest books on one course that all want, and on many. bench/booking compares with pgbench.
func BenchmarkRequest(b *testing.B) {
	for name, courses := range map[string]int{"hot": 1, "spread": 200} {
		b.Run(name, func(b *testing.B) {
			w := modeltest.New(b)
			list := make([]*catalog.Course, courses)
			for i := range list {
				list[i] = w.MustCreateCourse(b, modeltest.Places(1_000_000))
			}
			mustAnalyze(b, w)
			var next atomic.Int64
			b.SetParallelism(4)
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					c := list[int(next.Add(1))%courses]
					if _, err := booking.Request(b.Context(), w.Store, modeltest.BookingInput(c)); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "bookings/s")
		})
	}
}

func mustAnalyze(t testing.TB, w *modeltest.World) {
	t.Helper()
	w.AsOwner(t, "ANALYZE")
}
