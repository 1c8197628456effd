// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title What a searcher uses of a Uniswap v3 pool.
interface IUniswapV3Pool {
    function token0() external view returns (address);
    function token1() external view returns (address);

    /// @notice Lends tokens for the length of `uniswapV3FlashCallback`, which must bring them back with the fee.
    function flash(address recipient, uint256 amount0, uint256 amount1, bytes calldata data) external;

    /// @notice Swaps, paid in `uniswapV3SwapCallback`. A negative `amountSpecified` is an exact output.
    function swap(
        address recipient,
        bool zeroForOne,
        int256 amountSpecified,
        uint160 sqrtPriceLimitX96,
        bytes calldata data
    ) external returns (int256 amount0, int256 amount1);
}
