package openvhs

// catalogue turns the courses of one file into records. It remembers the names given to courses, and nothing else.
type catalogue struct {
	index   int
	guids   map[string]int // to the position of the course that has it
	numbers map[string]int
}

func newCatalogue() *catalogue {
	return &catalogue{guids: map[string]int{}, numbers: map[string]int{}}
}

// record interprets one course.
func (c *catalogue) record(n *node) Record {
	c.index++
	course := &course{node: n, Record: Record{Index: c.index}}
	c.identify(course)
	course.describe()
	course.places()
	course.schedule()
	course.money()
	course.people()
	course.Problems = course.problems
	return course.Record
}

func (c *catalogue) identify(course *course) {
	course.GUID = course.guid()
	if course.GUID != "" {
		if first, known := c.guids[course.GUID]; known {
			course.problems.add(DuplicateGUID, "GUID", course.GUID, "First", first)
		} else {
			c.guids[course.GUID] = c.index
		}
	}
	course.Number = course.line("nummer", maxWord)
	if course.Number == "" {
		course.problems.add(MissingNumber)
	} else if first, known := c.numbers[course.Number]; known {
		course.problems.add(DuplicateNumber, "Number", course.Number, "First", first)
	} else {
		c.numbers[course.Number] = c.index
	}
	course.Name = course.line("name", maxLine)
	if course.Name == "" {
		course.problems.add(MissingName)
	}
}
