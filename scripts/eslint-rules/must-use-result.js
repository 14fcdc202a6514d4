// @ts-check
// A dropped Result is a failure nobody will ever hear of. This rule forbids a statement that is nothing but an expression whose
// value, after `await`, is a neverthrow Result (or an array of them, as Promise.all gives). no-floating-promises does not see it:
// `await append(…)` handles the promise and still drops the Result.
/** @import ts from 'typescript' */

const resultClasses = new Set(['Ok', 'Err', 'ResultAsync']);

/** @type {import('eslint').Rule.RuleModule} */
export const mustUseResult = {
  meta: {
    type: 'problem',
    schema: [],
    docs: { description: 'forbid statements that drop a neverthrow Result, awaited or not' },
    messages: {
      dropped: 'This drops a Result, and with it the failure it may hold: branch on it, return it, or fold it with match or unwrapOr.',
    },
  },
  create(context) {
    const { esTreeNodeToTSNodeMap, program } = context.sourceCode.parserServices;
    /** @type {ts.TypeChecker} */
    const checker = program.getTypeChecker();

    /** @type {(type: ts.Type) => boolean} */
    const holdsResult = (type) => {
      const awaited = checker.getAwaitedType(type) ?? type;
      const parts = awaited.isUnion() ? awaited.types : [awaited];
      return parts.some((part) => {
        if (checker.isArrayType(part) || checker.isTupleType(part)) {
          return checker.getTypeArguments(/** @type {ts.TypeReference} */ (part)).some(holdsResult);
        }
        return resultClasses.has(part.symbol?.name) && isDeclaredByNeverthrow(part.symbol);
      });
    };

    return {
      ExpressionStatement({ expression }) {
        const value = expression.type === 'UnaryExpression' && expression.operator === 'void' ? expression.argument : expression;
        if (value.type === 'AssignmentExpression') return;
        const type = checker.getTypeAtLocation(esTreeNodeToTSNodeMap.get(value));
        if (holdsResult(type)) context.report({ node: expression, messageId: 'dropped' });
      },
    };
  },
};

/** @param {ts.Symbol} symbol */
function isDeclaredByNeverthrow(symbol) {
  return symbol.declarations?.some((declaration) => declaration.getSourceFile().fileName.includes('/neverthrow/')) ?? false;
}
