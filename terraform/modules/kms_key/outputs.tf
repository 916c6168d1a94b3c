output "arn" {
  description = "ARN of the key; known only after its alias exists."
  value       = aws_kms_key.this.arn
}

output "policy" {
  description = "The rendered key policy; the policy tests read it."
  value       = data.aws_iam_policy_document.this.json
}
