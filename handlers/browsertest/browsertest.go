// Package browsertest shows pages to a real browser, in tests.
package browsertest

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/proto"
)

// patience is how long a page may take to load, or a test's step to come true.
const patience = 30 * time.Second

// Option changes how a page is seen.
type Option int

const (
	// NoScripts turns JavaScript off. What looks at the page through the browser's protocol still works.
	NoScripts Option = iota + 1
	// NoCookies blocks all cookies. It is for Open.
	NoCookies
	// Dark asks for dark colours.
	Dark
)

// process is a Chromium that the tests of a package share while any of them uses it.
type process struct {
	sync.Mutex
	users    int
	launcher *launcher.Launcher
	browser  *rod.Browser
}

var withCookies, withoutCookies process

// Open returns a browser without a past: no other test sees its cookies. It is closed when the test ends. A machine
// without a browser fails the test.
func Open(t testing.TB, options ...Option) *rod.Browser {
	t.Helper()
	p := &withCookies
	if slices.Contains(options, NoCookies) {
		p = &withoutCookies
	}
	browser, err := p.use(p == &withoutCookies)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.release)
	own, err := browser.Incognito()
	if err != nil {
		t.Fatalf("opening a browser: %v", err)
	}
	t.Cleanup(func() { _ = proto.TargetDisposeBrowserContext{BrowserContextID: own.BrowserContextID}.Call(browser) })
	return own
}

func (p *process) use(blockCookies bool) (*rod.Browser, error) {
	p.Lock()
	defer p.Unlock()
	if p.users == 0 {
		bin, err := find()
		if err != nil {
			return nil, err
		}
		if err := p.launch(bin, blockCookies); err != nil {
			return nil, err
		}
	}
	p.users++
	return p.browser, nil
}

func (p *process) launch(bin string, blockCookies bool) error {
	profile, err := os.MkdirTemp("", "kurso-browser")
	if err != nil {
		return err
	}
	p.launcher = launcher.New().Bin(bin).UserDataDir(profile).NoSandbox(os.Geteuid() == 0).
		Set("disable-gpu").Set("no-first-run").Set("disable-background-networking").
		Set("disable-component-update").Set("disable-sync")
	if blockCookies {
		p.launcher.Preferences(`{"profile":{"default_content_setting_values":{"cookies":2}}}`)
	}
	address, err := p.launcher.Launch()
	if err == nil {
		p.browser = rod.New().ControlURL(address).NoDefaultDevice()
		err = p.browser.Connect()
	}
	if err != nil {
		_ = os.RemoveAll(profile)
		return unusable(bin, err)
	}
	return nil
}

func (p *process) release() {
	p.Lock()
	defer p.Unlock()
	if p.users--; p.users > 0 {
		return
	}
	if p.browser.Close() != nil {
		p.launcher.Kill()
	}
	p.launcher.Cleanup()
}

// Page opens the address in a window of that width; one of 480 pixels or less is a phone. The test fails when the
// page breaks its own content security policy or a script of it throws.
func Page(t testing.TB, browser *rod.Browser, address string, width int, options ...Option) *rod.Page {
	t.Helper()
	page, err := browser.Page(proto.TargetCreateTarget{})
	if err != nil {
		t.Fatalf("opening a tab: %v", err)
	}
	watch(t, page)
	device := proto.EmulationSetDeviceMetricsOverride{Width: width, Height: 800, DeviceScaleFactor: 1}
	if width <= 480 {
		device.Height, device.DeviceScaleFactor, device.Mobile = 740, 2, true
	}
	// Still pictures: a colour measured in the middle of a transition is a wrong one.
	media := proto.EmulationSetEmulatedMedia{Features: []*proto.EmulationMediaFeature{
		{Name: "prefers-reduced-motion", Value: "reduce"}, {Name: "prefers-color-scheme", Value: "light"},
	}}
	if slices.Contains(options, Dark) {
		media.Features[1].Value = "dark"
	}
	for _, call := range []interface{ Call(proto.Client) error }{
		device, media,
		proto.EmulationSetTouchEmulationEnabled{Enabled: device.Mobile},
		proto.EmulationSetScriptExecutionDisabled{Value: slices.Contains(options, NoScripts)},
	} {
		if err := call.Call(page); err != nil {
			t.Fatalf("preparing a tab: %v", err)
		}
	}
	page = page.Timeout(patience)
	if err := page.Navigate(address); err != nil {
		t.Fatalf("opening %s: %v", address, err)
	}
	// WaitLoad would listen for an event, which never comes where scripts are off.
	if err := page.Wait(rod.Eval(`() => document.readyState === "complete"`)); err != nil {
		t.Fatalf("loading %s: %v", address, err)
	}
	return page.CancelTimeout()
}

// watch fails the test for what a user would only find in the browser's console.
func watch(t testing.TB, page *rod.Page) {
	t.Helper()
	var mu sync.Mutex
	var seen []string
	page, cancel := page.WithCancel()
	done := make(chan struct{})
	wait := page.EachEvent(func(e *proto.LogEntryAdded) {
		if e.Entry.Source == proto.LogLogEntrySourceSecurity && e.Entry.Level == proto.LogLogEntryLevelError {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, e.Entry.URL+": "+e.Entry.Text)
		}
	}, func(e *proto.RuntimeExceptionThrown) {
		mu.Lock()
		defer mu.Unlock()
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		seen = append(seen, e.ExceptionDetails.URL+": "+text)
	})
	go func() {
		defer close(done)
		wait()
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		mu.Lock()
		defer mu.Unlock()
		for _, line := range seen {
			t.Errorf("the browser complains: %s", line)
		}
	})
}

// Screenshot writes the whole page as PNG, and makes the folder of the file.
func Screenshot(t testing.TB, page *rod.Page, file string) {
	t.Helper()
	picture, err := page.Timeout(patience).Screenshot(true, nil)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o755)
	}
	if err == nil {
		err = os.WriteFile(file, picture, 0o644)
	}
	if err != nil {
		t.Fatalf("screenshot: %v", err)
	}
}
