package differential

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
)

// conversation is a program that answers each line with a line. One question at a time.
type conversation struct {
	sync.Mutex
	name    string
	command *exec.Cmd
	to      io.WriteCloser
	from    *bufio.Reader
}

func converse(folder string, command ...string) (*conversation, error) {
	c := &conversation{name: command[0], command: exec.Command(command[0], command[1:]...)}
	c.command.Dir, c.command.Stderr = folder, os.Stderr
	var out io.Reader
	var err error
	if c.to, err = c.command.StdinPipe(); err != nil {
		return nil, err
	}
	if out, err = c.command.StdoutPipe(); err != nil {
		return nil, err
	}
	c.from = bufio.NewReader(out)
	return c, c.command.Start()
}

func (c *conversation) ask(line string) ([]byte, error) {
	c.Lock()
	defer c.Unlock()
	if _, err := io.WriteString(c.to, line+"\n"); err != nil {
		return nil, fmt.Errorf("%s: %w", c.name, err)
	}
	answer, err := c.from.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.name, err)
	}
	return answer, nil
}

func (c *conversation) close() {
	c.to.Close()
	_ = c.command.Wait()
}
