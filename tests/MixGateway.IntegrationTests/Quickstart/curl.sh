curl https://api.mixgateway.io/v1/chat/completions \
-H "Authorization: Bearer sk-xxxx" \
-H "Content-Type: application/json" \
-d '{
"model": "deepseek:deepseek-chat",
"messages": [
{"role": "user", "content": "Hi,只用一句话回复 Hi"}
],
"temperature": 0.7,
"max_tokens": 128,
"stream": false
}'
