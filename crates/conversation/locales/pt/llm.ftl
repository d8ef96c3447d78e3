# Observações sobre a participação do modelo de linguagem em uma resposta.
llm-silent = O modelo de linguagem não deu resposta utilizável; respondi sem ele.
llm-refused = O modelo de linguagem propôs algo que suas palavras não dizem; deixei tudo de fora.
llm-budget = O orçamento de hoje para o modelo de linguagem acabou; respondi sem ele.
llm-helped = Entendi isto com um modelo de linguagem: confira, por favor.
llm-unused = Não usei: { $words }.
