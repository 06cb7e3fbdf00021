package reading

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// Read never fails: what cannot be read is a problem.
func Read(request Request) Reading {
	dockerfile := []byte(request.Text)
	reading := Reading{reached: map[int]bool{}}
	if image, _, location, found := parser.DetectSyntax(dockerfile); found {
		reading.Syntax = &Syntax{Image: image, Line: max(1, firstLine(location))}
	}
	parsed, err := parser.Parse(bytes.NewReader(dockerfile))
	if err != nil {
		reading.Problems = []Problem{problemOf(err)}
		return reading
	}
	reading.Instructions = instructionsOf(parsed, definedIn(parsed, request.BuildArgs))
	stages, global, err := instructions.Parse(parsed.AST, silent)
	if err != nil {
		reading.Problems = []Problem{problemOf(err)}
		return reading
	}
	file := file{
		text:      request.Text,
		stages:    stages,
		buildArgs: withUnknownBases(reading.Instructions, global, request.BuildArgs),
	}
	target, text, name := file.target(request.Target)
	if target < 0 {
		reading.addProblem(Problem{Line: 1, Message: "the file has no stage " + strconv.Quote(request.Target)})
	} else if built := reading.add(file, text, name); built != nil {
		reading.Image = file.image(target, *built)
	}
	// a stage that this build does not need may be the target of another
	for stage := len(stages) - 1; stage >= 0; stage-- {
		if !reading.reaches(file.lines(stage)) {
			reading.add(file, file.textFor(stage), file.stages[stage].Name)
		}
	}
	reading.addTriggers(file)
	return reading
}

// file is a Dockerfile with its stages in order.
type file struct {
	text      string
	stages    []instructions.Stage
	buildArgs map[string]string
}

// target is the number of the stage that the build makes, and the text and the name by which BuildKit finds it.
func (f file) target(asked string) (number int, text, name string) {
	if asked == "" {
		return len(f.stages) - 1, f.text, ""
	}
	for at := len(f.stages) - 1; at >= 0; at-- {
		if strings.EqualFold(f.stages[at].Name, asked) {
			return at, f.text, asked
		}
	}
	// other builders take a number too
	if at, err := strconv.Atoi(asked); err == nil && at >= 0 && at < len(f.stages) && strconv.Itoa(at) == asked {
		return at, f.upTo(at), ""
	}
	return -1, "", ""
}

// lines of a stage: the first, and the one after the last.
func (f file) lines(stage int) (from, to int) {
	from = firstLine(f.stages[stage].Location)
	if stage+1 < len(f.stages) {
		return from, firstLine(f.stages[stage+1].Location)
	}
	return from, strings.Count(f.text, "\n") + 2
}

// textFor is the file in which a build finds the stage: by its name, or as the last one.
func (f file) textFor(stage int) string {
	if number, _, name := f.target(f.stages[stage].Name); name != "" && number == stage {
		return f.text
	}
	return f.upTo(stage)
}

// upTo is the file without the stages after this one: not every stage has a name to ask for.
func (f file) upTo(stage int) string {
	_, end := f.lines(stage)
	lines := strings.SplitAfter(f.text, "\n")
	return strings.Join(lines[:min(end-1, len(lines))], "")
}

// add converts one target, keeps what its build would do, and returns it; nil if it does not build.
func (r *Reading) add(file file, text, target string) *built {
	built, err := convert(text, target, file.buildArgs)
	if err != nil {
		r.addProblem(problemOf(err))
		return nil
	}
	r.keep(built.steps)
	return built
}

// keep adds what is not there yet: targets share stages.
func (r *Reading) keep(steps []*operation) {
	for _, step := range steps {
		for _, line := range step.lines {
			r.reached[line] = true
		}
		for _, source := range step.sources() {
			if !slices.Contains(r.Sources, source) {
				r.Sources = append(r.Sources, source)
			}
		}
		for _, run := range step.runs() {
			if !slices.ContainsFunc(r.Runs, run.equals) {
				r.Runs = append(r.Runs, run)
			}
		}
	}
}

func (r *Reading) reaches(from, to int) bool {
	for line := range r.reached {
		if line >= from && line < to {
			return true
		}
	}
	return false
}
