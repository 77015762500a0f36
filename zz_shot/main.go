package main

import (
	"fmt"
	"os"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/proto"
)

func main() {
	base := "http://localhost:8095"
	u := launcher.New().Bin(os.Getenv("CH")).NoSandbox(true).MustLaunch()
	b := rod.New().ControlURL(u).MustConnect()
	defer b.MustClose()
	p := b.MustPage(base + "/admin/session")
	p.MustWaitLoad()
	if p.MustHas("[name=email]") {
		p.MustElement("[name=email]").MustInput("demo@kurso.example")
		p.MustElement("[name=password]").MustInput("kurso-demo")
		p.MustElement("main button[type=submit]").MustClick()
		time.Sleep(1500 * time.Millisecond)
	}
	for i, a := range os.Args[1:] {
		for _, w := range []int{1280, 360} {
			h := 900
			if w == 360 {
				h = 740
			}
			p.MustSetViewport(w, h, 1, false)
			p.MustNavigate(base + a)
			p.MustWaitLoad()
			time.Sleep(700 * time.Millisecond)
			img, err := p.Screenshot(true, &proto.PageCaptureScreenshot{Format: proto.PageCaptureScreenshotFormatPng})
			if err != nil {
				panic(err)
			}
			f := fmt.Sprintf("/tmp/notify-shot/%d-%d.png", i, w)
			os.WriteFile(f, img, 0o644)
			fmt.Println(f, a)
		}
	}
}
