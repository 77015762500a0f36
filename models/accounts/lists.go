package accounts

import "kurso/models/listing"

// stateSQL is an account's state in SQL, as User.State tells it.
const stateSQL = "(CASE WHEN NOT u.active THEN 'deactivated' WHEN u.kind = 'support' THEN 'support' WHEN u.password_hash = '' THEN 'invited' ELSE 'active' END)"

// securedSQL is whether an account has a second factor.
const securedSQL = "(EXISTS (SELECT FROM authenticators au WHERE au.user_id = u.id) OR EXISTS (SELECT FROM passkeys pk WHERE pk.user_id = u.id))"

// Users lists the accounts by name.
var Users = &listing.List{
	Name: "users", Path: "/admin/users", From: "users AS u", ID: "u.id", Sort: "name", Search: "fold(u.name || ' ' || u.email)", Permission: string(AccountsRead),
	Joins: []listing.Join{
		{Alias: "given", SQL: `LEFT JOIN LATERAL (SELECT string_agg(coalesce(nullif(r.name, ''), r.key), chr(31) ORDER BY r.position, r.id) AS names
			FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = u.id) given ON true`},
	},
	Columns: []listing.Column{
		{Key: "name", Kind: listing.Text, SQL: "u.name", Shown: true, Sort: []string{"fold(u.name)"}, Index: true},
		{Key: "email", Kind: listing.Text, SQL: "u.email", Shown: true, Sort: []string{"lower(u.email)"}},
		{Key: "roles", Kind: listing.Choices, SQL: "given.names", Needs: "given", Codes: ReadyRoles, Words: "role.", Shown: true},
		{Key: "state", Kind: listing.Choice, SQL: stateSQL, Codes: States, Words: "user.state.", Shown: true},
		{Key: "second_factor", Kind: listing.Flag, SQL: securedSQL, Shown: true},
		{Key: "last_sign_in_at", Kind: listing.Moment, SQL: "u.last_sign_in_at", Shown: true, Sort: []string{"coalesce(u.last_sign_in_at, '-infinity')"}},
		{Key: "locale", Kind: listing.Choice, SQL: "u.locale", Codes: []string{"de", "en"}, Words: "booking.locale."},
		{Key: "created_at", Kind: listing.Moment, SQL: "u.created_at", Sort: []string{"u.created_at"}},
	},
	Filters: []listing.Filter{
		{Key: "state", Kind: listing.Choice, SQL: stateSQL, Values: States, Words: "user.state.", Bar: true},
		{Key: "role", Kind: listing.Record, Records: "roles", SQL: "ur.role_id", Around: "u.id IN (SELECT ur.user_id FROM user_roles ur WHERE {})", Bar: true},
		{Key: "second_factor", Kind: listing.Flag, SQL: securedSQL},
		{Key: "last_sign_in", Kind: listing.Moment, SQL: "u.last_sign_in_at"},
		{Key: "created", Kind: listing.Moment, SQL: "u.created_at"},
	},
}
