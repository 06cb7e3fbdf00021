package reading

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// Build arguments that change how BuildKit reads the file.
const (
	syntaxArg = "BUILDKIT_SYNTAX"
	checkArg  = "BUILDKIT_DOCKERFILE_CHECK"
)

// Read never fails: what cannot be read is a problem.
func Read(request Request) Reading {
	reading := Reading{reached: map[int]bool{}}
	reading.Syntax = syntaxOf(request)
	if _, given := request.BuildArgs[checkArg]; given {
		reading.addProblem(Problem{Line: 1, Message: checkArg + " is not read here, write # check= into the file"})
	}
	parsed, err := parser.Parse(strings.NewReader(request.Text))
	if err != nil {
		reading.addProblem(problemOf(err))
		return reading
	}
	stages, global, err := instructions.Parse(parsed.AST, silent)
	reading.Instructions = instructionsOf(parsed, definitions(parsed, stages, global, request.BuildArgs))
	if err != nil {
		reading.addProblem(problemOf(err))
		return reading
	}
	if len(stages) == 0 {
		reading.addProblem(Problem{Line: 1, Message: "the file has no FROM"})
		return reading
	}
	file := file{
		text:      request.Text,
		stages:    stages,
		buildArgs: request.BuildArgs,
		unknown:   unknownBases(reading.Instructions, global),
	}
	target, text, name := file.target(request.Target)
	if target < 0 {
		reading.addProblem(Problem{Line: 1, Message: file.noStage(request.Target)})
	} else {
		reading.Image = reading.image(file, target, text, name)
	}
	reading.addOtherStages(file)
	reading.addTriggers(file)
	return reading
}

// syntaxOf is the image that reads the file: a build argument comes first.
func syntaxOf(request Request) *Syntax {
	if image, given := request.BuildArgs[syntaxArg]; given {
		image, _, _ = strings.Cut(image, " ")
		return &Syntax{Image: image, Line: 1}
	}
	image, _, location, found := parser.DetectSyntax([]byte(request.Text))
	if !found {
		return nil
	}
	return &Syntax{Image: image, Line: max(1, firstLine(location))}
}

// file is a Dockerfile with its stages in order.
type file struct {
	text      string
	stages    []instructions.Stage
	buildArgs map[string]string
	// unknown are build arguments without which some FROM names nothing, each with a name that stands for what it will be.
	unknown map[string]string
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

func (f file) noStage(asked string) string {
	names := []string{}
	for number, stage := range f.stages {
		if stage.Name == "" {
			names = append(names, strconv.Itoa(number))
		} else {
			names = append(names, stage.Name)
		}
	}
	return fmt.Sprintf("the file has no stage %q, allowed: %s", asked, strings.Join(names, ", "))
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

// addOtherStages reads the stages that this build does not need: they may be the target of another. All at once, since each build reads the whole
// file; one by one where one of them is wrong.
func (r *Reading) addOtherStages(file file) {
	var all strings.Builder
	all.WriteString(file.text + "\nFROM scratch\n")
	others := []int{}
	for stage := range file.stages {
		if !r.reaches(file.lines(stage)) {
			others = append(others, stage)
			fmt.Fprintf(&all, "COPY --from=%d / /%d\n", stage, stage)
		}
	}
	if len(others) > 1 && hasStages(all.String(), len(file.stages)+1) {
		if built, err := convert(all.String(), "", file.buildArgs); err == nil {
			last := strings.Count(file.text, "\n") + 1
			r.keep(slices.DeleteFunc(built.steps, func(step *operation) bool {
				return slices.ContainsFunc(step.lines, func(line int) bool { return line > last })
			}))
			return
		}
	}
	for _, stage := range slices.Backward(others) {
		if !r.reaches(file.lines(stage)) {
			r.add(file, file.textFor(stage), file.stages[stage].Name)
		}
	}
}

// hasStages: a continuation at the end of a file would swallow a FROM behind it.
func hasStages(text string, count int) bool {
	parsed, err := parser.Parse(strings.NewReader(text))
	if err != nil {
		return false
	}
	stages, _, err := instructions.Parse(parsed.AST, silent)
	return err == nil && len(stages) == count
}

// add converts one target, for each platform that can make a difference, and keeps what its build would do. It returns no builds if one fails.
func (r *Reading) add(file file, text, target string) []*built {
	builds := []*built{}
	for _, platform := range platformsFor(file.text) {
		built, err := convertFor(platform, text, target, file.buildArgs)
		if err != nil {
			r.addProblem(problemOf(err))
			// the rest of the file can be read with a name for the base image; what stops the build stays a problem
			if built, err = convertFor(platform, text, target, file.withUnknown()); err != nil || len(file.unknown) == 0 {
				return nil
			}
		}
		r.keep(built.steps)
		builds = append(builds, built)
	}
	return builds
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
