#!/bin/sh
# Allow changes of main only by pull requests that a code owner reviewed and whose checks passed.
# Needs the GitHub CLI, signed in as an administrator: sh scripts/protect_main.sh owner/name
set -eu
repository="${1:?give owner/name}"
gh api --method POST "repos/$repository/rulesets" --input - <<'JSON'
{
  "name": "main changes by pull request",
  "target": "branch",
  "enforcement": "active",
  "conditions": {"ref_name": {"include": ["~DEFAULT_BRANCH"], "exclude": []}},
  "rules": [
    {"type": "deletion"},
    {"type": "non_fast_forward"},
    {
      "type": "pull_request",
      "parameters": {
        "required_approving_review_count": 1,
        "dismiss_stale_reviews_on_push": true,
        "require_code_owner_review": true,
        "require_last_push_approval": true,
        "required_review_thread_resolution": true
      }
    },
    {
      "type": "required_status_checks",
      "parameters": {
        "strict_required_status_checks_policy": true,
        "required_status_checks": [
          {"context": "Lint, types, tests"},
          {"context": "Terraform and workflows"}
        ]
      }
    }
  ]
}
JSON
