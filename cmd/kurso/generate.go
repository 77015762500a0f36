package main

import (
	"fmt"
	"os"
	"time"

	"kurso/models/catalog/openvhs"
	"kurso/models/catalog/openvhs/generate"
)

type generateCmd struct {
	Format   string  `enum:"xml,json" default:"xml" help:"xml is Open-vhs 1.2, json Berlin's dialect."`
	Courses  int     `default:"1000" help:"How many."`
	Seed     uint64  `default:"1" help:"Another number gives other courses."`
	Oddities float64 `default:"0.1" help:"Share of courses with a flaw found in the field, from 0 to 1."`
}

// Run writes an invented catalogue to standard output.
func (c *generateCmd) Run() error {
	if c.Courses < 1 || c.Oddities < 0 || c.Oddities > 1 {
		return fmt.Errorf("--courses must be at least 1 and --oddities from 0 to 1")
	}
	o := generate.Options{Courses: c.Courses, Seed: c.Seed, Oddities: c.Oddities, Start: time.Now().AddDate(0, 0, 14)}
	if c.Format == string(openvhs.JSON) {
		return generate.JSON(os.Stdout, o)
	}
	return generate.XML(os.Stdout, o)
}
