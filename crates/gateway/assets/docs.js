// Renders /openapi.json as a page. Text only ever enters the document as text nodes, never as markup.
"use strict";

(async function () {
  const root = document.getElementById("api");
  root.textContent = root.dataset.loading;
  const node = (name, attributes, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
    for (const child of children) if (child !== undefined && child !== null) element.append(child);
    return element;
  };
  let api;
  try {
    const answer = await fetch("/openapi.json");
    if (!answer.ok) throw new Error(answer.status + " " + answer.statusText);
    api = await answer.json();
  } catch (error) {
    root.textContent = "/openapi.json: " + error.message;
    return;
  }
  const schemaName = (reference) => reference.split("/").pop();
  const typeOf = (schema) => {
    if (!schema) return "";
    if (schema.$ref) {
      const name = schemaName(schema.$ref);
      return node("a", { href: "#schema-" + name }, name.split(".").pop());
    }
    if (schema.type === "array") return node("span", {}, "[ ", typeOf(schema.items), " ]");
    if (schema.additionalProperties) return node("span", {}, "{ … : ", typeOf(schema.additionalProperties), " }");
    return [].concat(schema.type || "any").join(" | ") + (schema.format ? " (" + schema.format + ")" : "");
  };
  const table = (headings, rows) => node("table", {},
    node("thead", {}, node("tr", {}, ...headings.map((h) => node("th", { scope: "col" }, h)))),
    node("tbody", {}, ...rows));
  const paragraph = (text) => text ? node("p", {}, text) : null;

  const operationView = (path, method, operation) => {
    const details = node("details", { id: operation.operationId },
      node("summary", {}, node("span", { class: "method" }, method.toUpperCase()), node("code", {}, path),
        operation.summary || ""),
      paragraph(operation.description));
    if (operation["x-required-scope"]) details.append(node("p", {}, "Scope: ", node("code", {}, operation["x-required-scope"])));
    if (operation.parameters) {
      details.append(table(["Parameter", "In", "Type", "Description"], operation.parameters.map((p) => node("tr", {},
        node("th", { scope: "row" }, node("code", {}, p.name), p.required ? " *" : ""),
        node("td", {}, p.in), node("td", {}, typeOf(p.schema)), node("td", {}, p.description || "")))));
    }
    const bodies = operation.requestBody ? Object.entries(operation.requestBody.content) : [];
    for (const [type, body] of bodies) details.append(node("p", {}, "Request: ", node("code", {}, type), " ", typeOf(body.schema)));
    for (const [status, response] of Object.entries(operation.responses)) {
      for (const [type, body] of Object.entries(response.content || {})) {
        details.append(node("p", {}, status + ": ", node("code", {}, type), " ", typeOf(body.schema)));
      }
    }
    return details;
  };

  const parts = [paragraph(api.info.title + " " + api.info.version), paragraph(api.info.description)];
  const byTag = new Map(api.tags.map((tag) => [tag.name, []]));
  for (const [path, item] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const tag = (operation.tags || ["Other"])[0];
      if (!byTag.has(tag)) byTag.set(tag, []);
      byTag.get(tag).push(operationView(path, method, operation));
    }
  }
  for (const [tag, views] of byTag) {
    const about = api.tags.find((t) => t.name === tag);
    parts.push(node("section", {}, node("h2", {}, tag), paragraph(about && about.description), ...views));
  }
  const schemas = Object.entries(api.components.schemas).map(([name, schema]) => {
    const required = schema.required || [];
    const details = node("details", { id: "schema-" + name }, node("summary", {}, node("code", {}, name)), paragraph(schema.description));
    if (schema.enum) details.append(node("p", {}, schema.enum.join(", ")));
    if (schema.properties) {
      details.append(table(["Field", "Type", "Description"], Object.entries(schema.properties).map(([field, s]) => node("tr", {},
        node("th", { scope: "row" }, node("code", {}, field), required.includes(field) ? " *" : ""),
        node("td", {}, typeOf(s)), node("td", {}, s.description || "")))));
    }
    return details;
  });
  parts.push(node("section", {}, node("h2", {}, "Schemas"), ...schemas));
  root.replaceChildren(...parts.filter(Boolean));
  const open = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target instanceof HTMLDetailsElement) { target.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", open);
  open();
})();
