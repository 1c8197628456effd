// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title A token that refuses to change a non-zero allowance to another than zero, and whose calls return nothing, as
/// USDT on Ethereum.
/// @notice For local networks and tests only.
contract ApproveOnceToken {
    string public constant name = "Approve once";
    string public constant symbol = "ONCE";
    uint8 public immutable decimals;
    address public immutable owner;

    uint256 public totalSupply;
    mapping(address account => uint256) public balanceOf;
    mapping(address holder => mapping(address spender => uint256)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    /// @param decimals_ Decimals of one whole token.
    /// @param owner_ The only account that can mint.
    constructor(uint8 decimals_, address owner_) {
        (decimals, owner) = (decimals_, owner_);
    }

    /// @notice Creates tokens. Owner only.
    function mint(address account, uint256 amount) external {
        require(msg.sender == owner);
        totalSupply += amount;
        balanceOf[account] += amount;
        emit Transfer(address(0), account, amount);
    }

    /// @notice Sets an allowance. Reverts without a reason over a non-zero one, unless with zero.
    function approve(address spender, uint256 amount) external {
        require(amount == 0 || allowance[msg.sender][spender] == 0);
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
    }

    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        if (allowance[from][msg.sender] != type(uint256).max) allowance[from][msg.sender] -= amount;
        _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        emit Transfer(from, to, amount);
    }
}
