/** What no build needs, and what must be in no image: COPY takes everything else. */
export const DOCKERIGNORE = `# secrets
**/.env
**/.env.*
**/.npmrc
**/.pypirc
**/.netrc
**/.aws
**/.docker
**/.kube
**/.ssh
**/id_rsa*
**/id_ed25519*
**/*.key
**/*.p12
**/*.pem
**/*.tfstate*

# what is made anew
**/.venv
**/__pycache__
**/node_modules
dist
target

# what no program needs
**/.git
**/.github
**/.gitlab-ci.yml
**/.idea
**/.vscode
**/cdk.out
**/coverage
.dockerignore
Dockerfile*
`;
