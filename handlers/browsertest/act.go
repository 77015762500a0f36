package browsertest

import (
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"
)

// Rod's own way to click and type waits for animation frames, which never come where scripts are off. These do not.

// Find returns the first element that matches, as soon as there is one, also on the page that follows the one
// that is just being left.
func Find(t testing.TB, page *rod.Page, selector string) *rod.Element {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		element, err := page.Timeout(time.Until(end)).Element(selector)
		if err == nil {
			return element.CancelTimeout()
		}
		if !time.Now().Before(end) {
			t.Fatalf("%s is not on %s: %v", selector, address(page), err)
		}
	}
}

// Fill replaces what is in the field.
func Fill(t testing.TB, page *rod.Page, selector, text string) {
	t.Helper()
	_, err := Find(t, page, selector).Eval(`() => { this.focus(); this.select() }`)
	if err == nil {
		err = page.InsertText(text)
	}
	if err != nil {
		t.Fatalf("filling %s on %s: %v", selector, address(page), err)
	}
}

// Click presses the mouse on the element, once it can be seen and nothing covers it. It does not wait for what
// follows: look for that with Find.
func Click(t testing.TB, page *rod.Page, selector string) {
	t.Helper()
	if err := click(page, Find(t, page, selector)); err != nil {
		t.Fatalf("clicking %s on %s: %v", selector, address(page), err)
	}
}

func click(page *rod.Page, element *rod.Element) error {
	scroll := proto.DOMScrollIntoViewIfNeeded{ObjectID: element.Object.ObjectID}
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		err := scroll.Call(page)
		if err == nil {
			var at *proto.Point
			if at, err = element.Interactable(); err == nil {
				if err := page.Mouse.MoveTo(*at); err != nil {
					return err
				}
				return page.Mouse.Click(proto.InputMouseButtonLeft, 1)
			}
		}
		if time.Now().After(end) {
			return err
		}
	}
}

func address(page *rod.Page) string {
	info, err := page.Info()
	if err != nil {
		return "the page"
	}
	return info.URL
}
