output "arn" {
  description = "ARN of the topic; known only after its policy exists."
  value       = aws_sns_topic.this.arn
  depends_on  = [aws_sns_topic_policy.this]
}
