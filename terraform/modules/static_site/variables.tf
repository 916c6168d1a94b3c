variable "name" {
  description = "Name of the distribution's parts."
  type        = string
}

variable "bucket_name" {
  description = "Name of the bucket of the page's files, known before it is made: its policy names the distribution."
  type        = string
}

variable "bucket" {
  description = "The same bucket once it is made; files are put into it."
  type        = string
}

variable "files" {
  description = "Files of the built page: path below the address to local path."
  type        = map(string)
}

variable "api" {
  description = "Host of the API, the patterns of paths it answers, and those of them whose answers are everybody's and are kept for ten seconds."
  type = object({
    domain       = string
    paths        = list(string)
    shared_paths = list(string)
  })
}

variable "content_security_policy" {
  description = "What the page may load, and where its forms may lead."
  type        = string
}

variable "further_headers" {
  description = "Headers of the page's files besides: name to value."
  type        = map(string)
}

variable "web_acl_arn" {
  description = "ARN of the web ACL that looks at requests first; null for none."
  type        = string
  default     = null
}

variable "domain" {
  description = "Name of yours that readers use, and its certificate in us-east-1; null for CloudFront's own name."
  type = object({
    name            = string
    certificate_arn = string
  })
  default = null
}
