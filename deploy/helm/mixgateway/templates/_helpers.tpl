{{- define "mixgateway.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "mixgateway.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "mixgateway.labels" -}}
{{ include "mixgateway.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "mixgateway.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- /* A number of seconds as a .NET time span. */ -}}
{{- define "mixgateway.timeSpan" -}}
{{- $seconds := int . -}}
{{ printf "%d.%02d:%02d:%02d" (div $seconds 86400) (div (mod $seconds 86400) 3600) (div (mod $seconds 3600) 60) (mod $seconds 60) }}
{{- end }}

{{- /* What the pods and the migration have in common. */ -}}
{{- define "mixgateway.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1654
runAsGroup: 1654
fsGroup: 1654
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "mixgateway.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "mixgateway.environment" -}}
- name: ASPNETCORE_URLS
  value: http://+:8080
- name: ConnectionStrings__Postgres
  value: {{ .Values.stores.postgres | quote }}
- name: ConnectionStrings__Redis
  value: {{ .Values.stores.redis | quote }}
- name: Secrets__Path
  value: /run/secrets/mixgateway
- name: Secrets__Required
  value: {{ join ";" .Values.secrets.required | quote }}
- name: ShutdownDelay
  value: {{ include "mixgateway.timeSpan" .Values.shutdown.delaySeconds | quote }}
- name: ShutdownTimeout
  value: {{ include "mixgateway.timeSpan" .Values.shutdown.timeoutSeconds | quote }}
{{- range $index, $proxy := .Values.ingress.knownProxies }}
- name: ForwardedHeaders__KnownProxies__{{ $index }}
  value: {{ $proxy | quote }}
{{- end }}
{{- range $name, $value := .Values.environment }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}
