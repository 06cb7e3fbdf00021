package reading

import (
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// thisImage is what the file at hand becomes, as another file names it.
const thisImage = "this-image@sha256:0000000000000000000000000000000000000000000000000000000000000000"

// addTriggers adds what a build on top of this image would do first: what each ONBUILD keeps, in its order, with the ENV of its stage.
func (r *Reading) addTriggers(file file) {
	for number, stage := range file.stages {
		triggers := []string{}
		known := map[string]bool{}
		var environment []string
		for _, command := range stage.Commands {
			onbuild, isOnbuild := command.(*instructions.OnbuildCommand)
			if !isOnbuild {
				continue
			}
			if len(triggers) == 0 {
				if parent, err := convert(file.upTo(number), "", file.withUnknown()); err == nil {
					environment = parent.image.Config.Env
				}
			}
			line := firstLine(onbuild.Location())
			triggers = append(triggers, onbuild.Expression)
			built, err := convertOn(keptImage{triggers, environment}, platforms[0], "FROM "+thisImage+"\n", "", nil)
			if err != nil {
				r.addProblem(Problem{Line: line, Message: problemOf(err).Message})
				break
			}
			for _, step := range built.steps {
				if len(step.lines) > 0 && !known[step.digest] {
					step.lines = []int{line}
					r.keep([]*operation{step})
				}
				known[step.digest] = true
			}
		}
	}
}

func isThisImage(name string) bool { return strings.HasSuffix(name, "/"+thisImage) }
