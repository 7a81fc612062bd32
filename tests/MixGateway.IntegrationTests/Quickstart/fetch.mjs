const resp = await fetch("https://api.mixgateway.io/v1/chat/completions", {
method: "POST",
headers: {
Authorization: "Bearer sk-xxxx",
"Content-Type": "application/json",
},
body: JSON.stringify({
model: "deepseek:deepseek-chat",
messages: [{ role: "user", content: "Hi" }],
stream: false,
}),
});
const data = await resp.json();
console.log(data.choices[0].message.content);
