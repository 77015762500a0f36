package handlers_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"

	"kurso/handlers/browsertest"
	"kurso/handlers/handlertest"
	"kurso/jobs"
	"kurso/models/catalog"
	"kurso/models/modeltest"
	"kurso/models/store"
)

const courseName = "Englisch B1.2 intensiv (BU): Headway B1 Part One, Lektion 6-10"

// From a file to a confirmed booking, as staff and an applicant see it: the applicant without scripts and
// with all cookies blocked.
func TestWholePath(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	work(t, s)
	user := s.SignIn(t) // makes the user; the browser signs in by itself

	office := browsertest.Page(t, browsertest.Open(t), s.URL+"/admin/session?next=/admin/imports", 1280)
	browsertest.Fill(t, office, "#f-email", user.Email)
	browsertest.Fill(t, office, "#f-password", handlertest.Password)
	browsertest.Click(t, office, "main .btn-primary")
	browsertest.Find(t, office, ".k-side")

	if err := browsertest.Find(t, office, "#f-file").SetFiles([]string{"../models/catalog/openvhs/testdata/openvhs-1.2-sample.xml"}); err != nil {
		t.Fatal(err)
	}
	browsertest.Click(t, office, "main .btn-primary")
	browsertest.Find(t, office, "#problems")

	c := &catalog.Course{}
	if err := s.NewSelect().Model(c).Where("name = ?", courseName).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewInsert().Model(&catalog.CourseStaff{CourseID: c.ID, UserID: user.ID}).Exec(ctx)
		return err
	})
	if a := s.Get(t, "/courses"); a.Find(".k-offer").Length() != 0 {
		t.Error("courses are public before they were published")
	}
	goTo(t, office, s.URL+"/admin/courses/"+itoa(c.ID))
	browsertest.Click(t, office, ".k-pagehead .btn-primary")
	waitForText(t, office, ".k-pagehead .k-state", "Veröffentlicht")

	applicant := browsertest.Page(t, browsertest.Open(t, browsertest.NoCookies), s.URL+"/courses?lang=de", 360, browsertest.NoScripts)
	href, err := browsertest.Find(t, applicant, ".k-offer a").Attribute("href")
	if err != nil {
		t.Fatal(err)
	}
	goTo(t, applicant, s.URL+*href)
	browsertest.Click(t, applicant, ".k-course-box .btn-primary")
	for _, f := range [][2]string{
		{"first_name", "Erika"}, {"last_name", "Mustermann"}, {"email", "erika@example.org"},
		{"street", "Lindenstraße 1"}, {"zip", "10969"}, {"town", "Berlin"},
	} {
		browsertest.Fill(t, applicant, "#f-"+f[0], f[1])
	}
	browsertest.Click(t, applicant, "button[value=add]")
	browsertest.Fill(t, applicant, "#f-participants-1-first_name", "Paul")
	browsertest.Fill(t, applicant, "#f-participants-1-last_name", "Mustermann")
	s.Clock.Advance(time.Minute)
	browsertest.Click(t, applicant, ".k-paybar .btn-primary")
	waitForText(t, applicant, ".k-total-sum dd", "218,00")
	browsertest.Click(t, applicant, "#review .btn-primary")
	waitForText(t, applicant, "h1", "Bitte bestätigen Sie Ihre E-Mail-Adresse")

	goTo(t, applicant, linkIn(t, s, office, "erika@example.org"))
	browsertest.Click(t, applicant, "#confirm .btn-primary")
	waitForText(t, applicant, ".k-booking-head .k-state", "Bestätigt")

	goTo(t, office, s.URL+"/admin/bookings")
	browsertest.Click(t, office, "main td a[data-row]")
	waitForText(t, office, ".k-pagehead .k-state", "Bestätigt")
	goTo(t, office, linkIn(t, s, office, user.Email))
	waitForText(t, office, ".k-pagehead .k-state", "Bestätigt")

	cookies, err := applicant.Cookies(nil)
	if err != nil || len(cookies) != 0 {
		t.Errorf("the applicant has %d cookies: %v", len(cookies), err)
	}
}

// work starts the workers of a site.
func work(t *testing.T, s *handlertest.Site) {
	t.Helper()
	s.Config.JobWorkers, s.Config.JobRescueAfter = 4, 2*time.Minute
	client, err := jobs.Start(t.Context(), jobs.Deps{Store: s.Store, Config: s.Config, Bucket: s.Bucket, Backups: s.Bucket, Log: modeltest.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := client.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
}

// linkIn opens the newest mail to a recipient in the outbox, once it is kept, and returns where its button leads.
func linkIn(t *testing.T, s *handlertest.Site, office *rod.Page, recipient string) string {
	t.Helper()
	var id int64
	for end := time.Now().Add(20 * time.Second); id == 0; time.Sleep(50 * time.Millisecond) {
		err := s.NewRaw("SELECT coalesce(max(id), 0) FROM mails WHERE recipient = ? AND state = 'kept'", recipient).Scan(t.Context(), &id)
		if err != nil || time.Now().After(end) {
			t.Fatalf("no mail to %s: %v", recipient, err)
		}
	}
	goTo(t, office, s.URL+"/admin/outbox")
	browsertest.Click(t, office, "main td a[href='/admin/outbox/"+itoa(id)+"']")
	browsertest.Find(t, office, "iframe")
	// the frame's own page: inside the frame, what is found may be of the empty document before it
	goTo(t, office, s.URL+"/admin/outbox/"+itoa(id)+"/preview")
	href, err := browsertest.Find(t, office, "a[href*='/bookings/']").Attribute("href")
	if err != nil || href == nil || !strings.HasPrefix(*href, s.URL) {
		t.Fatalf("the mail to %s leads nowhere: %v", recipient, err)
	}
	return *href
}

func goTo(t *testing.T, page *rod.Page, address string) {
	t.Helper()
	err := page.Timeout(30 * time.Second).Navigate(address)
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
}

func waitForText(t *testing.T, page *rod.Page, selector, want string) {
	t.Helper()
	var got string
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if element, err := page.Timeout(20 * time.Second).Element(selector); err == nil {
			if got, err = element.Text(); err == nil && strings.Contains(got, want) {
				return
			}
		}
	}
	t.Fatalf("%s says %q, not %q", selector, got, want)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
