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

// fields are the names of all variables.
func fields() []string {
	var names []string
	for f := range reflect.TypeFor[Config]().Fields() {
		if name := f.Tag.Get("env"); name != "" {
			names = append(names, name)
		}
	}
	return names
}
