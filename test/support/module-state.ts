import { parseSync, type BindingIdentifier, type ModuleItem, type VariableDeclaration } from '@swc/core';

const CONTAINERS: ReadonlySet<string> = new Set(['Map', 'Set']);

/**
 * The variables at a module's top level that could change after it was loaded: `let` variables, and maps and sets that
 * are not typed as read-only. The content of a WeakMap belongs to one object, and so to one workflow. Plain objects and
 * lists are not listed, because the SDK freezes what preloaded modules export.
 */
export function changeableStateOf(code: string): string[] {
  const { body } = parseSync(code, { syntax: 'typescript', target: 'es2022' });
  return body.flatMap(declarationsOf).flatMap(faultsOf);
}

function declarationsOf(item: ModuleItem): VariableDeclaration[] {
  const declaration = item.type === 'ExportDeclaration' ? item.declaration : item;
  return declaration.type === 'VariableDeclaration' ? [declaration] : [];
}

function faultsOf({ kind, declarations }: VariableDeclaration): string[] {
  return declarations.flatMap(({ id, init }) => {
    const name = id.type === 'Identifier' ? id.value : id.type;
    if (kind !== 'const') return [`${kind} ${name}`];
    if (init?.type !== 'NewExpression' || init.callee.type !== 'Identifier') return [];
    if (!CONTAINERS.has(init.callee.value)) return [];
    const type = id.type === 'Identifier' ? (id as BindingIdentifier).typeAnnotation?.typeAnnotation : undefined;
    const typeName = type?.type === 'TsTypeReference' && type.typeName.type === 'Identifier' ? type.typeName.value : '';
    return typeName.startsWith('Readonly') ? [] : [`${name}, a ${init.callee.value} that is not typed as read-only`];
  });
}
