// An OpenAI-compatible chat server around one local model, for an opt-in test: `node local.mjs model.gguf`.
import http from "node:http";
import {getLlama, LlamaChatSession} from "node-llama-cpp";

const llama = await getLlama({gpu: false, maxThreads: 1, build: "never", progressLogs: false});
const model = await llama.loadModel({modelPath: process.argv[2]});
const context = await model.createContext({contextSize: 8192, threads: 1});
let queue = Promise.resolve();

async function answer(request, response) {
    let text = "";
    for await (const piece of request) text += piece;
    const body = JSON.parse(text);
    const schema = body.response_format?.json_schema?.schema;
    // Forced tools are not offered: the client has to find out.
    if (body.tools) return response.writeHead(400).end("{}");
    const grammar = schema && await llama.createGrammarForJsonSchema(schema);
    const sequence = context.getSequence();
    const system = body.messages.filter(m => m.role === "system").map(m => m.content).join("\n");
    const user = body.messages.filter(m => m.role === "user").map(m => m.content).join("\n");
    const session = new LlamaChatSession({contextSequence: sequence, systemPrompt: system});
    const send = event => response.write(`data: ${JSON.stringify(event)}\n\n`);
    response.writeHead(200, {"content-type": "text/event-stream"});
    send({choices: [{index: 0, delta: {role: "assistant", content: ""}, finish_reason: null}]});
    const before = sequence.tokenMeter.getState();
    const done = new AbortController();
    response.on("close", () => done.abort());
    try {
        const result = await session.promptWithMeta(user, {
            grammar, temperature: 0, maxTokens: body.max_tokens, signal: done.signal, stopOnAbortSignal: true,
            onTextChunk: content => send({choices: [{index: 0, delta: {content}, finish_reason: null}]}),
        });
        const reason = result.stopReason === "maxTokens" ? "length" : "stop";
        const used = sequence.tokenMeter.diff(before);
        send({choices: [{index: 0, delta: {}, finish_reason: reason}]});
        send({choices: [], usage: {prompt_tokens: used.usedInputTokens, completion_tokens: used.usedOutputTokens}});
        response.end("data: [DONE]\n\n");
    } catch (error) {
        console.error(error);
        send({error: {message: "failed"}});
        response.end();
    } finally {
        session.dispose();
        sequence.dispose();
    }
}

const server = http.createServer((request, response) => {
    queue = queue.then(() => answer(request, response)).catch(error => {
        console.error(error);
        response.destroy();
    });
});
server.listen(0, "127.0.0.1", () => console.log(`listening http://127.0.0.1:${server.address().port}`));
