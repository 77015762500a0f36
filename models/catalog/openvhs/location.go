package openvhs

// location reads a venue of either dialect; nil if it says nothing.
func (c *course) location(n *node) *Location {
	if n.empty() {
		return nil
	}
	address := n.first("adresse")
	if address == nil {
		address = n
	}
	name := c.in(n, "name", maxLine)
	if name == "" {
		name = c.in(n, "lehrstaette", maxLine)
	}
	accessible := c.boolean(n, "barrierefrei")
	if accessible == nil {
		accessible = c.boolean(n, "behindertenzugang")
	}
	location := Location{
		Name:    name,
		Room:    c.in(n, "raum", maxLine),
		Street:  c.in(address, "strasse", maxLine),
		Zip:     c.in(address, "plz", maxWord),
		Town:    c.in(address, "ort", maxLine),
		Quarter: c.in(address, "ortsteil", maxLine),
		Country: c.in(address, "land", maxLine),
	}
	if location == (Location{}) {
		return nil
	}
	location.Accessible = accessible
	location.Coordinates = c.coordinates(n)
	return &location
}

func (c *course) coordinates(n *node) *Coordinates {
	latitude, longitude := c.degrees(n, "breitengrad", 90), c.degrees(n, "laengengrad", 180)
	if latitude == nil || longitude == nil || *latitude == 0 && *longitude == 0 {
		return nil
	}
	return &Coordinates{Latitude: *latitude, Longitude: *longitude}
}

func (c *course) degrees(n *node, field string, limit float64) *float64 {
	text := c.in(n, field, maxLine)
	if text == "" {
		return nil
	}
	value, ok := decimalFrom(text)
	if !ok || value < -limit || value > limit {
		c.problems.add(UnreadableNumber, "Field", field, "Value", text)
		return nil
	}
	return &value
}

func (l *Location) equal(other *Location) bool {
	if l == nil || other == nil {
		return l == other
	}
	a, b := *l, *other
	if !same(a.Accessible, b.Accessible) || !same(a.Coordinates, b.Coordinates) {
		return false
	}
	a.Accessible, b.Accessible, a.Coordinates, b.Coordinates = nil, nil, nil, nil
	return a == b
}

func same[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
