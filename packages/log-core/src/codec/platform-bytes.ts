/**
 * Is this really a Uint8Array, and how long is it really? Asked of the platform's own getters, because what a user
 * gives may be a proxy, come from another realm, or carry a `length` of its own.
 *
 * INVARIANT: nothing here runs code of the user's, and nothing throws but `bytesLength` of what is no Uint8Array.
 */

const typedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype) as object;

function platformGetter(name: string | symbol): (this: unknown) => unknown {
  return Reflect.getOwnPropertyDescriptor(typedArrayPrototype, name)?.get ?? (() => undefined);
}

const tagOf = platformGetter(Symbol.toStringTag);
const lengthOf = platformGetter('length') as (this: Uint8Array) => number;

/** Is it a Uint8Array (a Buffer is one), of whatever realm? @internal */
export function isBytes(value: unknown): value is Uint8Array {
  return tagOf.call(value) === 'Uint8Array';
}

/** How many bytes a Uint8Array has; 0 where its buffer is detached. @internal */
export function bytesLength(bytes: Uint8Array): number {
  return lengthOf.call(bytes);
}

/**
 * Were the bytes taken away: is the buffer detached (transferred), or resized to end before them? Only an array
 * of length 0 needs to be asked. Node 20 has no `ArrayBuffer.prototype.detached`, but every method of the platform
 * refuses such an array. @internal
 */
export function isDetached(bytes: Uint8Array): boolean {
  try {
    Uint8Array.prototype.indexOf.call(bytes, 0);
    return false;
  } catch {
    return true;
  }
}
