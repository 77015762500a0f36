package portal_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"kurso/handlers/handlertest"
	"kurso/models/catalog"
	"kurso/models/modeltest"
)

func book(t *testing.T, s *handlertest.Site, path string, v url.Values) *handlertest.Answer {
	t.Helper()
	return s.PostForm(t, path, with(v, "do", "book"))
}

func TestRowsOfParticipantsComeAndGoWithoutScripts(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	c := s.MustCreateCourse(t)
	path, v := filled(t, s, c)
	v.Set("participants.0.price_tier", itoa(c.PriceTiers[1].ID))
	v.Set("note", "Zeile 1\r\nZeile 2")
	v.Set("payer_separate", "true")
	v.Set("payer.name", "Firma GmbH")

	a := s.PostForm(t, path, with(v, "do", "add"))
	if a.Status != http.StatusOK || a.Find(".k-person").Length() != 2 {
		t.Fatalf("%d, %d rows", a.Status, a.Find(".k-person").Length())
	}
	if a.Find("#person-2 input[autofocus]").Length() != 1 {
		t.Error("the new row is not where typing goes on")
	}
	now := a.Fields("#booking")
	for name := range v {
		if want := strings.ReplaceAll(v.Get(name), "\r\n", "\n"); now.Get(name) != want {
			t.Errorf("%s was %q and is %q", name, want, now.Get(name))
		}
	}
	if got := a.Texts("#total strong"); !slices.Equal(got, []string{"129,80 €"}) {
		t.Errorf("the sum is %q", got)
	}

	now.Set("participants.1.first_name", "Paul")
	now.Set("participants.1.last_name", "Mustermann")
	a = s.PostForm(t, path, with(now, "do", "remove.0"))
	if got := a.Fields("#booking"); a.Find(".k-person").Length() != 1 || got.Get("participants.0.first_name") != "Paul" {
		t.Errorf("the wrong row went: %v", got)
	}
	for _, do := range []string{"remove.0", "remove.7", "remove.-1", "remove.x", "remove."} {
		if a := s.PostForm(t, path, with(v, "do", do)); a.Status != http.StatusOK || a.Find(".k-person").Length() != 1 {
			t.Errorf("%s leaves %d rows, %d", do, a.Find(".k-person").Length(), a.Status)
		}
	}
	for range 15 {
		a = s.PostForm(t, path, with(a.Fields("#booking"), "do", "add"))
	}
	if n := a.Find(".k-person").Length(); n != 10 || a.Find("button[value=add]").Length() != 0 {
		t.Errorf("%d rows", n)
	}

	total := s.Do(t, http.MethodPost, path, with(v, "participants.0.price_tier", ""), "HX-Request", "true")
	if got := total.Texts("#total strong"); !slices.Equal(got, []string{"82,80 €"}) || total.Find("form").Length() != 0 {
		t.Errorf("htmx gets %q", got)
	}
}

func TestAFormSaysEverythingThatIsWrongAndKeepsTheRest(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	c := s.MustCreateCourse(t)
	path, v := filled(t, s, c)
	v.Set("participants.1.first_name", "Paul")
	v.Set("participants.1.price_tier", "999")
	v.Set("payer_separate", "true")
	a := s.PostForm(t, path, with(v, "do", "review", "last_name", "", "email", "erika@", "note", strings.Repeat("x", 2001)))
	if a.Status != http.StatusUnprocessableEntity {
		t.Fatalf("status %d", a.Status)
	}
	var links []string
	for _, l := range a.Find("#errors a").EachIter() {
		links = append(links, l.AttrOr("href", ""))
	}
	want := []string{"#f-last_name", "#f-email", "#f-participants-1-last_name", "#f-participants-1-price_tier",
		"#f-payer-name", "#f-payer-street", "#f-payer-zip", "#f-payer-town", "#f-note"}
	if !slices.Equal(links, want) {
		t.Errorf("the summary leads to %q", links)
	}
	for _, id := range links {
		field := a.Find(id)
		if field.Length() != 1 || field.AttrOr("aria-invalid", "") != "true" {
			t.Errorf("%s is not marked", id)
			continue
		}
		for _, d := range strings.Fields(field.AttrOr("aria-describedby", "")) {
			if a.Find("#"+d).Length() != 1 {
				t.Errorf("%s is described by nothing", id)
			}
		}
	}
	got := a.Fields("#booking")
	if got.Get("first_name") != "Erika" || got.Get("email") != "erika@" || got.Get("participants.1.first_name") != "Paul" || len(got.Get("note")) != 2001 {
		t.Errorf("what was typed is gone: %v", got)
	}
	if !strings.HasPrefix(a.Find("title").Text(), "Bitte prüfen") {
		t.Errorf("the title is %q", a.Find("title").Text())
	}
	if n := count(t, s, "bookings"); n != 0 {
		t.Errorf("%d bookings", n)
	}
}

func TestFieldsHelpToFillThemIn(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	a := s.Get(t, "/courses/"+itoa(s.MustCreateCourse(t).ID)+"/booking")
	for id, want := range map[string]string{
		"first_name": "given-name", "last_name": "family-name", "email": "email", "phone": "tel", "street": "street-address",
		"zip": "postal-code", "town": "address-level2", "payer-street": "billing street-address",
	} {
		if got := a.Find("#f-"+id).AttrOr("autocomplete", ""); got != want {
			t.Errorf("%s: autocomplete=%q", id, got)
		}
	}
	if a.Find("#f-email[type=email][inputmode=email]").Length() != 1 || a.Find("#f-phone[type=tel][inputmode=tel]").Length() != 1 {
		t.Error("phones show the wrong keyboard")
	}
	if a.Header.Get("Cache-Control") != "private, no-cache" || a.Find("meta[name=robots]").AttrOr("content", "") != "noindex" {
		t.Error("the form may be kept")
	}
	if a.Find("#booking button").First().AttrOr("value", "") != "review" {
		t.Error("Enter presses another button than the one that goes on")
	}
	if a.Find("input[type=checkbox]").FilterFunction(func(_ int, b *goquerySelection) bool {
		return b.AttrOr("name", "") != "self" && b.AttrOr("name", "") != "payer_separate"
	}).Length() != 0 {
		t.Error("there is a box that consents to something")
	}
}

func TestTheReviewShowsAndCarriesEverything(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	run(t, s, "UPDATE provider SET vat_note = 'umsatzsteuerfrei', terms_url = 'https://vhs.example/agb'")
	c := s.MustCreateCourse(t)
	path, v := filled(t, s, c)
	for name, value := range map[string]string{
		"participants.1.first_name": "Paul", "participants.1.last_name": "Kind", "participants.1.price_tier": itoa(c.PriceTiers[1].ID),
		"note": "Zwei\nZeilen", "payer_separate": "true", "payer.name": "Firma GmbH", "payer.street": "Weg 1", "payer.zip": "1", "payer.town": "Ort",
	} {
		v.Set(name, value)
	}
	a := s.PostForm(t, path, with(v, "do", "review"))
	if a.Status != http.StatusOK || a.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d: %q", a.Status, a.Texts("#errors, [role=alert]"))
	}
	text := strings.Join(a.Texts("#review"), "")
	for _, want := range []string{"Erika Mustermann", "Lindenstraße 1, 10969 Berlin", "erika@example.org", "Paul Kind – ermäßigt", "47,00 €", "Firma GmbH", "129,80 €", "umsatzsteuerfrei", c.Name} {
		if !strings.Contains(text, want) {
			t.Errorf("the review lacks %q", want)
		}
	}
	hidden := a.Fields("#review")
	for name := range v {
		if hidden.Get(name) != v.Get(name) {
			t.Errorf("%s was %q and goes on as %q", name, v.Get(name), hidden.Get(name))
		}
	}
	if a.Find("#review .k-order button").Length() != 1 || a.Find("#review .k-order a[target=_blank]").Text() == "" {
		t.Error("the order has more than one button, or no terms")
	}
	back := s.PostForm(t, path, with(hidden, "do", "edit"))
	if got := back.Fields("#booking"); got.Get("participants.1.last_name") != "Kind" || got.Get("payer.name") != "Firma GmbH" {
		t.Errorf("changing something loses %v", got)
	}
	if b := book(t, s, path, hidden); b.Status != http.StatusSeeOther {
		t.Fatalf("%d: %q", b.Status, b.Texts("[role=alert], #errors"))
	}
	if count(t, s, "bookings WHERE total_cents = 12980 AND payer_name = 'Firma GmbH' AND note = E'Zwei\\nZeilen' AND places = 2 AND locale = 'de'") != 1 ||
		count(t, s, "participants WHERE first_name = 'Paul' AND amount_cents = 4700") != 1 {
		t.Error("what was booked is something else")
	}
}

func TestAFreeCourseIsNotSold(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	c := s.MustCreateCourse(t)
	run(t, s, "UPDATE price_tiers SET amount_cents = 0")
	path, v := filled(t, s, c)
	for _, name := range []string{"street", "zip", "town"} {
		v.Del(name)
	}
	a := s.PostForm(t, path, with(v, "do", "review"))
	if got := a.Texts("#review .btn-primary"); !slices.Equal(got, []string{"verbindlich anmelden"}) {
		t.Errorf("the button says %q: %q", got, a.Texts("#errors"))
	}
	if book(t, s, path, a.Fields("#review")).Status != http.StatusSeeOther {
		t.Error("a free course needs an address")
	}
	if got := s.Get(t, "/bookings/"+mailedToken(t, s)+"/confirmation").Texts("#confirm button"); !slices.Equal(got, []string{"verbindlich anmelden"}) {
		t.Errorf("the button says %q", got)
	}
}

func TestWhoBooksForOthersIsNoParticipant(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	path, v := filled(t, s, s.MustCreateCourse(t))
	v.Del("self")
	if a := book(t, s, path, v); a.Status != http.StatusUnprocessableEntity || a.Find("#errors a[href='#f-participants-0-first_name']").Length() != 1 {
		t.Errorf("a nameless participant: %d", a.Status)
	}
	v.Set("participants.0.first_name", "Paul")
	v.Set("participants.0.last_name", "Kind")
	if a := book(t, s, path, v); a.Status != http.StatusSeeOther || count(t, s, "participants WHERE first_name = 'Paul'") != 1 || count(t, s, "participants") != 1 {
		t.Errorf("booking for another: %d", a.Status)
	}
}

func TestAFullCourseOffersToWait(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	c := s.MustCreateCourse(t, modeltest.Places(2))
	path, v := filled(t, s, c)
	review := s.PostForm(t, path, with(v, "do", "review", "participants.1.first_name", "Paul", "participants.1.last_name", "Kind"))
	s.MustConfirm(t, s.MustRequest(t, c))

	// two no longer fit
	a := book(t, s, path, review.Fields("#review"))
	if a.Status != http.StatusConflict || !strings.Contains(strings.Join(a.Texts("[role=alert]"), ""), "noch frei: 1") {
		t.Fatalf("%d: %q", a.Status, a.Texts("[role=alert]"))
	}
	v = a.Fields("#booking")
	if v.Get("waitlist") != "true" || v.Get("participants.1.last_name") != "Kind" {
		t.Error("the form does not go on to the waiting list")
	}
	a = s.PostForm(t, path, with(v, "do", "review"))
	if got := a.Texts("#review .btn-primary"); !slices.Equal(got, []string{"Auf die Warteliste setzen"}) {
		t.Fatalf("the button says %q", got)
	}
	// one still does
	one := s.PostForm(t, path, with(s.PostForm(t, path, with(v, "do", "remove.1")).Fields("#booking"), "do", "review"))
	if got := one.Texts("#review .btn-primary"); !slices.Equal(got, []string{"zahlungspflichtig buchen"}) {
		t.Errorf("the button says %q", got)
	}
	if book(t, s, path, a.Fields("#review")).Status != http.StatusSeeOther {
		t.Fatal("the waiting list refuses")
	}
	token := mailedToken(t, s)
	a = s.Get(t, "/bookings/"+token+"/confirmation")
	if got := a.Texts("#confirm button"); !slices.Equal(got, []string{"Auf die Warteliste setzen"}) {
		t.Errorf("the button says %q", got)
	}
	isState(t, s.Get(t, s.Post(t, "/bookings/"+token+"/confirmation").Location()), "Warteliste")
	a = s.Get(t, path)
	if !strings.Contains(strings.Join(a.Texts("[role=alert]"), ""), "kein Platz frei") || a.Fields("#booking").Get("waitlist") != "true" {
		t.Error("the form of a full course does not say so")
	}
}

func TestTheFormOfACourseThatClosedMeanwhile(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	c := s.MustCreateCourse(t)
	path, v := filled(t, s, c)
	run(t, s, "UPDATE courses SET booking_closes_at = ?", s.Now())
	for _, do := range []string{"review", "book"} {
		a := s.PostForm(t, path, with(v, "do", do))
		if a.Status != http.StatusConflict || !strings.Contains(strings.Join(a.Texts("[role=alert]"), ""), "ist beendet") || a.Fields("#booking").Get("email") == "" {
			t.Errorf("%s: %d %q", do, a.Status, a.Texts("[role=alert]"))
		}
	}
	run(t, s, "UPDATE courses SET state = ?", catalog.Draft)
	if a := book(t, s, path, v); a.Status != http.StatusNotFound {
		t.Errorf("a course taken back: %d", a.Status)
	}
}

func TestAPriceThatChangedIsAgreedToAgain(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	path, v := filled(t, s, s.MustCreateCourse(t))
	review := s.PostForm(t, path, with(v, "do", "review"))
	run(t, s, "UPDATE price_tiers SET amount_cents = amount_cents + 100")
	for _, total := range []string{review.Fields("#review").Get("total"), "0", "x", "-1"} {
		a := book(t, s, path, with(review.Fields("#review"), "total", total))
		if a.Status != http.StatusUnprocessableEntity || !strings.Contains(strings.Join(a.Texts("[role=alert]"), ""), "Preis hat sich geändert") ||
			!slices.Equal(a.Texts(".k-total-sum dd"), []string{"83,80 €"}) {
			t.Errorf("total %s: %d %q", total, a.Status, a.Texts("[role=alert]"))
		}
		if total == "-1" && book(t, s, path, a.Fields("#review")).Status != http.StatusSeeOther {
			t.Error("the new price cannot be agreed to")
		}
	}
}

func TestOneFormIsOneBooking(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	path, v := filled(t, s, s.MustCreateCourse(t, modeltest.Places(2)))
	first := book(t, s, path, v)
	s.Clock.Advance(time.Minute)
	if again := book(t, s, path, v); again.Status != http.StatusSeeOther || again.Location() != first.Location() {
		t.Errorf("a second submit: %d", again.Status)
	}
	if again := s.PostForm(t, path, with(v, "do", "review")); again.Status != http.StatusSeeOther || again.Location() != first.Location() {
		t.Errorf("checking it again: %d", again.Status)
	}
	if b, m := count(t, s, "bookings"), count(t, s, "mails"); b != 1 || m != 1 {
		t.Errorf("%d bookings, %d mails", b, m)
	}
	// who goes back and books somebody else means it
	if other := book(t, s, path, with(v, "first_name", "Paul")); other.Status != http.StatusSeeOther || count(t, s, "bookings") != 2 {
		t.Errorf("another person on the same form: %d", other.Status)
	}
}
