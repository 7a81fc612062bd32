curl https://api.mixgateway.io/v1/chat/completions \
-H "Authorization: Bearer sk-xxxx" \
-H "Content-Type: application/json" \
-N \
-d '{
"model": "deepseek:deepseek-chat",
"messages": [
{"role": "user", "content": "用一句话介绍你自己"}
],
"temperature": 0.7,
"max_tokens": 256,
"stream": true
}'
