package portal_test

import (
	"strconv"

	"github.com/PuerkitoBio/goquery"
)

type goquerySelection = goquery.Selection

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
