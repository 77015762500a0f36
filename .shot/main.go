package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/proto"
)

// usage: shot BASE lang width out path...
func main() {
	base, lang, out := os.Args[1], os.Args[2], os.Args[4]
	width, _ := strconv.Atoi(os.Args[3])
	u := launcher.New().Bin("/usr/bin/chromium").NoSandbox(true).Headless(true).Set("disable-gpu").Set("disable-background-networking").Set("lang", lang).MustLaunch()
	b := rod.New().ControlURL(u).MustConnect()
	defer b.MustClose()
	p := b.MustPage(base + "/admin/session")
	if lang == "dark" { _ = proto.EmulationSetEmulatedMedia{Features: []*proto.EmulationMediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}.Call(p) }
	p.MustWaitLoad()
	p.MustElement("input[name=email]").MustInput("demo@kurso.example")
	p.MustElement("input[name=password]").MustInput("kurso-demo")
	wait := p.MustWaitNavigation()
	p.MustElement("main button").MustClick()
	wait()
	p.MustWaitLoad()
	p.MustSetViewport(width, 900, 1, width < 500)
	for _, path := range os.Args[5:] {
		p.MustNavigate(base + path).MustWaitLoad()
		img, err := p.Screenshot(true, &proto.PageCaptureScreenshot{Format: "png"})
		if err != nil { panic(err) }
		name := fmt.Sprintf("%s/%s-%d%s.png", out, lang, width, strings.NewReplacer("/", "_", "?", "_", "=", "-", "&", "_").Replace(path))
		_ = os.WriteFile(name, img, 0o644)
		fmt.Println(name)
	}
}
