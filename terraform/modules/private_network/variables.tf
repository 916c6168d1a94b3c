variable "name" {
  description = "Name of the network and of everything in it."
  type        = string
}

variable "cidr" {
  description = "Addresses of the network. Only its own jobs, functions and endpoints are in it, so it may overlap with others."
  type        = string
  default     = "10.83.0.0/22" # 254 addresses in each of two subnets; a run takes one for each worker

  validation {
    condition     = can(cidrsubnet(var.cidr, 2, 3))
    error_message = "cidr must be a block such as 10.83.0.0/22."
  }
}

variable "interface_services" {
  description = "AWS services that are reached through an interface endpoint, by the last part of their name, such as `glue`."
  type        = set(string)
}
