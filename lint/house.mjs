import path from 'node:path';

/**
 * The rule `arbor/file-name`: camelCase, and no name that says nothing (`index`, `utils`).
 * @type {import('eslint').Rule.RuleModule}
 */
export const fileName = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      camel: 'File names are camelCase: {{name}}.',
      vague: 'A file is named for what is in it: {{name}} says nothing.',
    },
  },
  create(context) {
    const name = path.basename(context.filename);
    return {
      Program(node) {
        if (!/^[a-z][a-zA-Z0-9]*(\.(test|config|d))*\.(ts|tsx|mts|mjs|js)$/u.test(name)) {
          context.report({ node, messageId: 'camel', data: { name } });
        }
        if (/^(index|utils?|helpers?|common|misc)\./u.test(name)) {
          context.report({ node, messageId: 'vague', data: { name } });
        }
      },
    };
  },
};

/**
 * The rule `arbor/docstring`: every exported declaration has a doc comment.
 * @type {import('eslint').Rule.RuleModule}
 */
export const docstring = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: { missing: 'An exported declaration has a docstring: what it is for, units, shapes, errors.' },
  },
  create(context) {
    return {
      'Program > ExportNamedDeclaration[declaration]'(node) {
        const last = context.sourceCode.getCommentsBefore(node).at(-1);
        if (last?.type === 'Block' && last.value.startsWith('*')) return;
        // An overload's docstring is on its first signature.
        const { body } = context.sourceCode.ast;
        const before = body[body.indexOf(node) - 1];
        const name = node.declaration.id?.name;
        if (name !== undefined && before?.type === 'ExportNamedDeclaration' && before.declaration?.id?.name === name)
          return;
        context.report({ node, messageId: 'missing' });
      },
    };
  },
};
