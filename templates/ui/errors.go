package ui

// Errors is what is wrong with a form, in the order of its fields.
type Errors []FieldError

// Of is the sentence beside the field called name, or nothing.
func (e Errors) Of(name string) string {
	for _, f := range e {
		if f.Name == name {
			return f.Message
		}
	}
	return ""
}
