package config

import "reflect"

// fieldEnv is the variable that a field of Config is read from.
func fieldEnv(field string) (string, bool) {
	f, ok := reflect.TypeFor[Config]().FieldByName(field)
	if !ok {
		return field, false
	}
	return f.Tag.Get("env"), true
}
