"use strict";
// The present request as code to copy, one per protocol. Refuses to know: the page.
const KEY_NAME = "SEATRIAL_API_KEY";

// Characters that turn or hide what stands beside them are spelled as escapes: what is copied is what is seen.
const DECEIVING = /[\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const escaped = (json) => json.replace(DECEIVING, (character) => "\\u" + character.charCodeAt(0).toString(16).padStart(4, "0"));
const asJson = (value) => escaped(JSON.stringify(value));

// A word for sh, bash and zsh. Inside single quotes nothing has a meaning but the single quote.
const shellQuoted = (word) => "'" + word.replaceAll("'", "'\\''") + "'";

// A string, or a list of them, as Python has them: JSON's escapes are Python's.
const pythonQuoted = (value) => (Array.isArray(value) ? "[" + value.map(asJson).join(", ") + "]" : asJson(value));

function curl(address, body, keyed) {
  const key = keyed ? ` \\\n  -H "Authorization: Bearer $${KEY_NAME}"` : "";
  return `curl -s ${shellQuoted(address)} \\\n  -H 'Content-Type: application/json'${key} \\\n  -d ${shellQuoted(asJson(body))}`;
}

function ownSnippets(request, origin, keyed) {
  const body = { inputs: request.inputs };
  if (request.model) body.model = request.model;
  if (request.version) body.version = request.version;
  const fields = Object.entries(body).map(([name, value]) => `"${name}": ${pythonQuoted(value)}`).join(", ");
  const key = keyed ? `        "Authorization": "Bearer " + os.environ["${KEY_NAME}"],\n` : "";
  const python = `import json
${keyed ? "import os\n" : ""}import urllib.request

body = {${fields}}
request = urllib.request.Request(
    ${pythonQuoted(origin + "/v1/predict")},
    data=json.dumps(body).encode(),
    headers={
        "Content-Type": "application/json",
${key}    },
)
with urllib.request.urlopen(request) as response:
    for prediction in json.load(response)["predictions"]:
        print(prediction)`;
  return { curl: curl(origin + "/v1/predict", body, keyed), python };
}

function openaiSnippets(request, origin, keyed) {
  if (request.output === "entities") {
    const words = "# OpenAI's protocol has no place for entities.";
    return { curl: words, python: words };
  }
  const route = request.output === "embedding" ? "embeddings" : "moderations";
  const model = request.version ? `${request.name}@${request.version}` : request.name;
  const key = keyed ? `os.environ["${KEY_NAME}"]` : '"none"';
  const shown =
    route === "embeddings"
      ? "for item in answer.data:\n    print(item.embedding)"
      : 'for result in answer.model_dump()["results"]:\n    print(result["category_scores"])';
  const python = `${keyed ? "import os\n\n" : ""}from openai import OpenAI

client = OpenAI(
    base_url=${pythonQuoted(origin + "/v1")},
    api_key=${key},
)
answer = client.${route}.create(
    model=${pythonQuoted(model)},
    input=${pythonQuoted(request.inputs)},
)
${shown}`;
  return { curl: curl(`${origin}/v1/${route}`, { model, input: request.inputs }, keyed), python };
}

function v2Snippets(request, origin, keyed) {
  const texts = [request.inputs].flat();
  const version = request.version ? `/versions/${encodeURIComponent(request.version)}` : "";
  const address = `${origin}/v2/models/${encodeURIComponent(request.name)}${version}/infer`;
  const body = { inputs: [{ name: "text", shape: [texts.length], datatype: "BYTES", data: texts }] };
  const key = keyed ? `, headers={"Authorization": "Bearer " + os.environ["${KEY_NAME}"]}` : "";
  const chosen = request.version ? `, model_version=${pythonQuoted(request.version)}` : "";
  const [scheme, host] = origin.split("://");
  const secure = scheme === "https" ? ", ssl=True" : "";
  const shown = request.output !== "scores" ? `print(answer.as_numpy("${request.output}"))` : 'print(answer.as_numpy("label"), answer.as_numpy("score"))';
  const python = `${keyed ? "import os\n\n" : ""}import numpy as np
import tritonclient.http as triton

client = triton.InferenceServerClient(${pythonQuoted(host)}${secure})
texts = np.array(${pythonQuoted(texts)}, dtype=object)
tensor = triton.InferInput("text", [len(texts)], "BYTES")
tensor.set_data_from_numpy(texts)
answer = client.infer(${pythonQuoted(request.name)}, [tensor]${chosen}${key})
${shown}`;
  return { curl: curl(address, body, keyed), python };
}

// Protocol → { curl, python } for a request.
//   request  { inputs: text or texts, name, output; model and version only where the default would not do }
//   origin   the page's own: scheme, host and port
//   keyed    whether the service asks for a key; the code then takes it from the environment
function snippets(request, origin, keyed) {
  return {
    rest: ownSnippets(request, origin, keyed),
    openai: openaiSnippets(request, origin, keyed),
    v2: v2Snippets(request, origin, keyed),
  };
}
