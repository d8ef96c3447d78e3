# Remarks about the language model's part in an answer.
llm-silent = The language model gave no usable answer; I answered without it.
llm-refused = The language model proposed something that your words do not say; I left all of it out.
llm-budget = Today's budget for the language model is spent; I answered without it.
llm-helped = I worked this out with a language model: please check it.
llm-unused = I did not use: { $words }.
