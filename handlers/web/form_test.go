package web

import (
	"net/url"
	"testing"
)

func TestDecode(t *testing.T) {
	t.Parallel()
	type person struct {
		Name string `form:"name"`
	}
	var dst struct {
		Name   string   `form:"name"`
		Payer  person   `form:"payer"`
		People []person `form:"people"`
	}
	err := decode(url.Values{
		"name": {"A\x00\xff"}, "payer.name": {"B"}, "people.0.name": {"C"}, "people.1.name": {"D"},
		"people]": {"x"}, "people[": {"x"}, "people[0": {"x"}, "people[0].name": {"x"}, "people..name": {"x"}, "people.x.name": {"x"},
		"people.-1.name": {"x"}, "people.99999999999.name": {"x"}, ".": {"x"}, "": {"x"},
	}, &dst)
	if err != nil {
		t.Fatal(err)
	}
	if dst.Name != "A" || dst.Payer.Name != "B" || len(dst.People) != 2 || dst.People[0].Name != "C" || dst.People[1].Name != "D" {
		t.Errorf("%+v", dst)
	}
	if err := decode(url.Values{"people.999.name": {"x"}}, &dst); err == nil {
		t.Error("a slice of a thousand is accepted")
	}
}
