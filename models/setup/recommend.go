package setup

import (
	"errors"

	"kurso/models/catalog"
	"kurso/models/store"
)

// Recommendation is what the assistant recommends to a kind of provider. The reasons and the texts are
// message keys that hold the kind.
type Recommendation struct {
	HoldMinutes, HoldSharePercent, CancellationDays int
	// Categories and Prices are how many there are to suggest.
	Categories, Prices int
	// Amounts are what the price tiers cost in the example course.
	Amounts []string
}

var recommendations = map[string]Recommendation{
	catalog.AdultEducation: {HoldMinutes: 60, HoldSharePercent: 50, CancellationDays: 7, Categories: 7, Prices: 2, Amounts: []string{"60,00", "45,00"}},
	catalog.Academy:        {HoldMinutes: 120, HoldSharePercent: 50, CancellationDays: 14, Categories: 4, Prices: 1, Amounts: []string{"240,00"}},
	catalog.Club:           {HoldMinutes: 60, HoldSharePercent: 50, CancellationDays: 3, Categories: 3, Prices: 2, Amounts: []string{"45,00", "60,00"}},
	catalog.Company:        {HoldMinutes: 120, HoldSharePercent: 30, CancellationDays: 14, Categories: 4, Prices: 1, Amounts: []string{"240,00"}},
	catalog.Church:         {HoldMinutes: 60, HoldSharePercent: 50, CancellationDays: 3, Categories: 4, Prices: 3, Amounts: []string{"60,00", "45,00", "75,00"}},
	catalog.MusicSchool:    {HoldMinutes: 60, HoldSharePercent: 50, CancellationDays: 28, Categories: 5, Prices: 2, Amounts: []string{"90,00", "60,00"}},
}

// Recommend returns what is recommended; false for a provider that has not said its kind.
func Recommend(kind string) (Recommendation, bool) {
	r, ok := recommendations[kind]
	return r, ok
}

// collect adds the complaints of err to v, with the way to them before each field; another error comes back.
func collect(v *store.ValidationError, at string, err error) error {
	var found *store.ValidationError
	if !errors.As(err, &found) {
		return err
	}
	for _, f := range found.Fields {
		v.Add(at+f.Field, f.Key, f.Args...)
	}
	return nil
}
