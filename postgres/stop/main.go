// Stop ends the private Postgres servers of the folders that are named, if they run.
package main

import (
	"fmt"
	"os"

	"kurso/postgres"
)

func main() {
	for _, dir := range os.Args[1:] {
		if err := postgres.StopKept(dir); err != nil {
			fmt.Fprintln(os.Stderr, dir+": "+err.Error())
		}
	}
}
