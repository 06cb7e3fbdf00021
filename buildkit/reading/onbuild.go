package reading

import (
	"fmt"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// thisImage is what the file at hand becomes, as the other file names it.
const thisImage = "this-image:1"

// addTriggers adds what a build on top of this image would do first: what each ONBUILD keeps.
func (r *Reading) addTriggers(file file) {
	// a name of a stage may be one of the other file too
	var other strings.Builder
	for _, stage := range file.stages {
		if stage.Name != "" {
			fmt.Fprintf(&other, "FROM scratch AS %s\n", stage.Name)
		}
	}
	other.WriteString("FROM " + thisImage + "\n")
	for _, stage := range file.stages {
		for _, command := range stage.Commands {
			onbuild, isOnbuild := command.(*instructions.OnbuildCommand)
			if !isOnbuild {
				continue
			}
			line := firstLine(onbuild.Location())
			built, err := convert(other.String(), "", nil, onbuild.Expression)
			if err != nil {
				problem := problemOf(err)
				r.addProblem(Problem{Line: line, Message: problem.Message})
				continue
			}
			for _, step := range built.steps {
				if len(step.lines) > 0 && !step.takes(thisImage) {
					step.lines = []int{line}
					r.keep([]*operation{step})
				}
			}
		}
	}
}
