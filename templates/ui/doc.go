// Package ui holds the shared parts of Kurso's pages. Texts come in already translated; only words that
// belong to a part itself are taken from locales. The gallery shows every part in every state.
//
// A type says what is to be shown, a component draws it:
//
//	Page      Header(PageHeader) · Tabs(label, []Tab) · Section(title, *Action) { … } · Record(aside) { … }
//	Do        Button(Action) · Buttons() { … } · Menu(icon, label, []Action) · Dialog(id, title) { … DialogButtons(Action) }
//	          Action: Href makes a link, Post a form of its own, neither the submit button of the form around it;
//	          Kind Primary | Danger | Ghost; Key "n" or "e" for the keyboard; Dialog opens one where scripts run
//	Lists     FilterBar(Filter) { more controls } above <div id=region> with
//	          FilterChips([]FilterChip, clear) { Result(text, attrs) } · List(Table) { Row(id) { CellLink, CellText, CellDate, CellNumber, Cell { … },
//	          CellActions { … } } } · Pagination(Pager) or Empty(icon, title, text, *Action)
//	          The handler answers an htmx request with the region alone, any other with the whole page.
//	Forms     FormBox(Form) { ErrorSummary([]FieldError) · Fieldset(legend, help) { … } · Fields() { side by side } ·
//	          Input, Textarea, Number, Money, Date, Time, Moment, File, Checkbox(Field) · Select, RadioGroup(Field, []Option) ·
//	          Labelled(Field) { own control } · SaveBar(Action, cancel) }
//	          A field's id is FieldID(name). Every field is required unless Optional.
//	Say       Badge(State) · Notice(Tone, title) { … } · Flash in the layout, FlashPartial(Flash) from htmx answers
//	Show      Facts() { Fact(name) { … } FactText(name, value) } · Timeline([]Event) · PersonChip, CourseChip(name, href) ·
//	          Price(amount, note) · Total([]Line, Line) · Chart(BarChart) · ProgressBox(Progress) { cancel } · More(label) { … }
//	Public    Steps(current, labels)
//	Icons     Icon(name) beside a word, IconAlone(name, label) without; any name of lucide.dev
//
// Tones are Neutral, Info, Success, Warning, Bad. Links in running text have the class k-link, quiet second
// lines k-sub. Any Tailwind class and any icon may be used; run `make css` after a
// new one (a test of static says so).
package ui
