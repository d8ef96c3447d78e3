# Observaciones sobre la participación del modelo de lenguaje en una respuesta.
llm-silent = El modelo de lenguaje no dio una respuesta utilizable; respondí sin él.
llm-refused = El modelo de lenguaje propuso algo que tus palabras no dicen; lo dejé todo fuera.
llm-budget = El presupuesto de hoy para el modelo de lenguaje se agotó; respondí sin él.
llm-helped = Entendí esto con un modelo de lenguaje: compruébalo, por favor.
llm-unused = No usé: { $words }.
