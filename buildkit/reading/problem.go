package reading

import (
	"errors"
	"slices"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// Problem is why a build stops.
type Problem struct {
	Line    int    `json:"line"`
	Message string `json:"message"`
}

func problemOf(err error) Problem {
	problem := Problem{Line: 1, Message: err.Error()}
	var located *parser.LocationError
	if errors.As(err, &located) {
		for _, location := range located.Locations {
			if line := firstLine(location); line > 0 {
				problem.Line = line
				break
			}
		}
	}
	return problem
}

func (r *Reading) addProblem(problem Problem) {
	if !slices.Contains(r.Problems, problem) { // stages share theirs
		r.Problems = append(r.Problems, problem)
	}
}

func firstLine(location []parser.Range) int {
	if len(location) == 0 {
		return 0
	}
	return location[0].Start.Line
}
