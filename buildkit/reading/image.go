package reading

import (
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// Image is what the target becomes.
type Image struct {
	// Line is that of the FROM of its stage.
	Line int `json:"line"`
	// Users are those of each platform, without a name where it is that of the base image.
	Users []User `json:"users"`
	// Healthcheck: the file has one, HEALTHCHECK NONE included.
	Healthcheck bool `json:"healthcheck"`
	// Environment is what the build leaves in the image: `NAME=value`, with all variables filled in.
	Environment []string `json:"environment"`
}

type User struct {
	Name *string `json:"name,omitempty"`
	Line int     `json:"line"`
}

// image converts the target; nil if it does not build.
func (r *Reading) image(file file, stage int, text, name string) *Image {
	builds := r.add(file, text, name)
	if len(builds) == 0 {
		return nil
	}
	image := &Image{Line: firstLine(file.stages[stage].Location), Healthcheck: true}
	for _, built := range builds {
		config := built.image.Config
		user := User{Line: image.Line}
		if config.User != baseUser {
			user = User{Name: &config.User, Line: file.lineOfUser(stage)}
		}
		image.Users = append(image.Users, user)
		image.Healthcheck = image.Healthcheck && config.Healthcheck != nil
		image.Environment = append(image.Environment, config.Env...)
	}
	return image
}

// lineOfUser is that of the last USER of a stage, or of those that it builds on.
func (f file) lineOfUser(stage int) int {
	for at := stage; at >= 0; at = f.parent(at) {
		if line := lastLine(f.stages[at].Commands, isUser); line > 0 {
			return line
		}
		if parent := f.parent(at); parent >= 0 { // what it keeps comes first
			if line := lastLine(f.stages[parent].Commands, keepsUser); line > 0 {
				return line
			}
		}
	}
	return firstLine(f.stages[stage].Location)
}

func lastLine(commands []instructions.Command, is func(instructions.Command) bool) int {
	for at := len(commands) - 1; at >= 0; at-- {
		if is(commands[at]) {
			return firstLine(commands[at].Location())
		}
	}
	return 0
}

func isUser(command instructions.Command) bool {
	_, is := command.(*instructions.UserCommand)
	return is
}

func keepsUser(command instructions.Command) bool {
	onbuild, is := command.(*instructions.OnbuildCommand)
	return is && strings.HasPrefix(strings.ToUpper(onbuild.Expression), "USER")
}

// parent is the stage that one builds on, -1 if that is an image.
func (f file) parent(stage int) int {
	for at := stage - 1; at >= 0; at-- {
		if f.stages[at].Name != "" && strings.EqualFold(f.stages[at].Name, f.stages[stage].BaseName) {
			return at
		}
	}
	return -1
}
