package admin

import (
	"context"
	"strconv"

	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/catalog"
	"kurso/templates/ui"
)

const (
	coursesPath  = "/admin/courses"
	sessionsPath = "/admin/sessions"
)

// CourseTabs lead between courses and their sessions.
func CourseTabs(ctx context.Context, here string) []ui.Tab {
	return []ui.Tab{
		{Label: locales.T(ctx, "list.courses"), Href: coursesPath, Here: here == "courses"},
		{Label: locales.T(ctx, "list.sessions"), Href: sessionsPath, Here: here == "sessions"},
	}
}

// NewCourse leads to the form of a new course those who may write one.
func NewCourse(ctx context.Context) *ui.Action {
	return mayAct(ctx, accounts.CoursesWrite, ui.Action{Label: locales.T(ctx, "courses.new"), Icon: "plus", Href: coursesPath + "/new", Key: "n"})
}

// NoCourses is shown as long as there is no course.
func NoCourses(ctx context.Context) *EmptyList {
	return &EmptyList{Icon: "calendar-days", Title: locales.T(ctx, "courses.empty"), Text: locales.T(ctx, "courses.empty.text"),
		Action: mayAct(ctx, accounts.ImportsWrite, ui.Action{Label: locales.T(ctx, "courses.import"), Href: "/admin/imports", Icon: "file-up"})}
}

// categoryOptions begins with what no category is called.
func categoryOptions(ctx context.Context, all []*catalog.CategoryRow, none string) []ui.Option {
	out := []ui.Option{{Label: locales.T(ctx, none)}}
	for _, c := range all {
		out = append(out, ui.Option{Value: strconv.FormatInt(c.ID, 10), Label: c.Code + " " + c.Name})
	}
	return out
}
