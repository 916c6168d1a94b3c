output "arn" {
  description = "ARN of the function."
  value       = aws_lambda_function.this.arn
}

output "name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "role_arn" {
  description = "ARN of the function's role."
  value       = aws_iam_role.this.arn
}

output "machine" {
  description = "Memory, disk and calls at a time."
  value       = var.machine
}

output "timeout_seconds" {
  description = "Seconds a call may take."
  value       = var.timeout_seconds
}

output "subnet_ids" {
  description = "Private subnets the function runs in; none outside a network."
  value       = try(var.network.subnet_ids, [])
}

output "live" {
  description = "How callers reach the function's published version: its name, the alias, the address to invoke; null where there is none."
  value = one([
    for alias in aws_lambda_alias.live : {
      function   = aws_lambda_function.this.function_name
      alias      = alias.name
      invoke_arn = alias.invoke_arn
    }
  ])
}
